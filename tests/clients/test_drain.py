"""SIGTERM to the real server, with a request in work."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from ..server import DEFAULT_MODEL, Server, serving

SLOW = [f"{number} " + "word " * 400 for number in range(40)]  # seconds of work on one core


def embed(server: Server, texts: str | list[str]) -> httpx.Response:
    return httpx.post(f"{server.url}/v1/embeddings", json={"input": texts}, timeout=60)


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def running(server: Server) -> bool:
    [model] = httpx.get(f"{server.url}/readyz").json()["models"]
    return bool(model["running"])


def draining(server: Server) -> bool:
    answer = httpx.get(f"{server.url}/readyz")
    return (answer.status_code, answer.json()["status"]) == (503, "draining")


@pytest.mark.skipif(DEFAULT_MODEL is None, reason="all-MiniLM-L6-v2 is not installed")
def test_a_slow_request_is_answered_before_the_process_ends() -> None:
    with (
        serving("--backend", "onnx", "--threads", "1", "--drain-seconds", "60") as server,
        ThreadPoolExecutor(1) as pool,
    ):
        slow = pool.submit(embed, server, SLOW)
        wait_for(lambda: running(server))
        server.terminate()
        wait_for(lambda: draining(server))
        late = embed(server, "late")
        assert (late.status_code, late.headers["connection"]) == (200, "close")
        assert not slow.done()
        assert server.process.poll() is None
        assert len(slow.result().json()["data"]) == len(SLOW)
        assert slow.result().headers["connection"] == "close"
        assert server.wait() == 0
    assert any("leaving: 1 requests in flight" in line for line in server.log)
    assert server.log[-1].endswith("stopped")


def test_the_time_to_drain_is_a_limit(embedder: object) -> None:
    with serving(f"mini={embedder}", "--drain-seconds", "0") as server:
        assert embed(server, "a").status_code == 200
        server.terminate()
        assert server.wait() == 0
