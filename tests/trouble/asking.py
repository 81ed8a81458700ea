"""What tests of trouble ask of a server, and wait for."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import httpx

from tests.server import Server

GOOD = [f"good words {number}" for number in range(20)]


def embed(server: Server, texts: str | list[str], **headers: str) -> httpx.Response:
    body = {"input": texts}
    return httpx.post(f"{server.url}/v1/embeddings", json=body, timeout=30, headers=headers)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def status(server: Server, path: str) -> int:
    return httpx.get(f"{server.url}/{path}").status_code


def metric(server: Server, name: str) -> float:
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(name))


def wait_for(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def at_once(server: Server, texts: list[str]) -> list[httpx.Response]:
    """Send each text in a request of its own, all at the same time."""
    with ThreadPoolExecutor(len(texts)) as pool:
        sent: list[Future[httpx.Response]] = [pool.submit(embed, server, text) for text in texts]
        return [one.result() for one in sent]
