"""A real Prometheus with one scrape configuration, and KEDA's way to ask it."""

import json
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml

from tests.helm.debian import command

from .kubelet import free_ports
from .scrape import scrape_config
from .store import Object

HOST = "127.0.0.1"
SECONDS = 20.0  # for it to start


class Prometheus:
    """A server that runs; `targets` is what it scrapes from now on."""

    def __init__(self, port: int, file: Path) -> None:
        self._port, self._file = port, file

    def scrape(self, targets: Iterable[dict[str, Any]]) -> None:
        """Scrape these targets from now on, as soon as it looks."""
        text = json.dumps(list(targets))
        if not self._file.exists() or self._file.read_text() != text:
            fresh = self._file.with_suffix(".new")
            fresh.write_text(text)
            fresh.rename(self._file)  # never half a file

    def vector(self, query: str) -> list[tuple[dict[str, str], float]]:
        """Return the labels and values that a query finds now."""
        data = self._got(f"/api/v1/query?{urlencode({'query': query})}")["data"]
        assert data["resultType"] == "vector", data
        return [(one["metric"], float(one["value"][1])) for one in data["result"]]

    def single(self, query: str) -> float | None:
        """Return what KEDA reads with ignoreNullValues off: one value, or None where nothing was found."""
        found = [value for _, value in self.vector(query)]
        assert len(found) <= 1, "KEDA refuses a query with several results"
        return found[0] if found else None

    def answers(self) -> bool:
        """Whether it is ready to be asked."""
        try:
            self._got("/api/v1/query?query=1")
        except (OSError, HTTPException, ValueError):
            return False
        return True

    def _got(self, path: str) -> Any:
        client = HTTPConnection(HOST, self._port, timeout=10)
        try:
            client.request("GET", path)
            return json.loads(client.getresponse().read())
        finally:
            client.close()


@contextmanager
def scraping(monitor: Object, folder: Path, seconds: float) -> Iterator[Prometheus]:
    """Run a Prometheus that scrapes as a ServiceMonitor says, but every `seconds`."""
    file, [port] = folder / "targets.json", free_ports(1)
    file.write_text("[]")
    config = {"scrape_configs": [scrape_config(monitor, str(file), seconds)]}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    program = command("prometheus")
    assert program, "no prometheus"
    arguments = {
        "config.file": "prometheus.yml",
        "storage.tsdb.path": "data",
        "web.listen-address": f"{HOST}:{port}",
        "scrape.discovery-reload-interval": "100ms",  # its default is 5 s, for large clusters
        "log.level": "warn",
    }
    words = [*program, *(f"--{name}={value}" for name, value in arguments.items())]
    with (
        (folder / "log").open("w") as log,
        subprocess.Popen(words, cwd=folder, stdout=log, stderr=log) as process,
    ):
        try:
            found, until = Prometheus(port, file), time.monotonic() + SECONDS
            while not found.answers():
                assert process.poll() is None and time.monotonic() < until, (folder / "log").read_text()
                time.sleep(0.1)
            yield found
        finally:
            process.terminate()
