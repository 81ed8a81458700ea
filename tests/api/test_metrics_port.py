"""--metrics-port: metrics there and nowhere else, probes where they were."""

import re
import socket

import httpx
import pytest

from tests.server import serving
from tests.shared import Checkpoints
from vectord.config import Settings
from vectord.errors import SettingError, StartError
from vectord.file import load_settings

from .server import running

METRICS_ON = re.compile(r"metrics on (http://\S+)")


def test_metrics_move_to_their_own_port(checkpoint: Checkpoints) -> None:
    env = {"VECTORD_METRICS_PORT": "0", "VECTORD_API_KEY": "secret", "VECTORD_LOG_FORMAT": "json"}
    with serving(str(checkpoint("bert")), env=env) as server:
        [found] = [match[1] for line in server.log if (match := METRICS_ON.search(line))]
        url = found.rstrip('"}')
        scraped = httpx.get(f"{url}/metrics")
        assert scraped.status_code == 200
        assert re.search(r"^vectord_requests_waiting\{.*\} 0\.0$", scraped.text, re.MULTILINE)
        assert httpx.get(f"{url}/v1/models").status_code == 404
        assert httpx.post(f"{url}/metrics").status_code == 405
        assert httpx.get(f"{server.url}/metrics", headers={"x-api-key": "secret"}).status_code == 404
        assert [httpx.get(f"{server.url}{path}").status_code for path in ("/livez", "/readyz")] == [200, 200]
        listed = httpx.get(f"{server.url}/openapi.json", headers={"x-api-key": "secret"}).json()
        assert "/metrics" not in listed["paths"]
        server.terminate()
        assert server.wait() == 0


def test_without_it_metrics_are_where_they_were() -> None:
    with running() as server:
        assert httpx.get(f"{server.url}/metrics").status_code == 200


def test_a_taken_port_is_one_line_before_models_load(checkpoint: Checkpoints) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        complaint = f"cannot listen on 127.0.0.1:{port}.*--metrics-port"
        with (
            pytest.raises(AssertionError, match=complaint),
            serving(str(checkpoint("bert")), "--metrics-port", str(port)),
        ):
            pass


def test_one_port_cannot_be_both() -> None:
    with pytest.raises(SettingError, match="--metrics-port 9000 is the --port too"):
        Settings(port=9000, metrics_port=9000)
    with pytest.raises(StartError, match="VECTORD_METRICS_PORT must be a whole number"):
        load_settings({}, {"VECTORD_METRICS_PORT": "x"})
