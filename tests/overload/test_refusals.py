"""A full server says so at once, and says when to come back."""

import http.client
import json
import math
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from threading import Event

import httpx
import pytest

from tests.server import Server

from .conftest import Serve

ROUTES = {
    "/v1/embeddings": {"input": "a"},
    "/v2/embed": {"texts": ["a"]},
    "/rerank": {"query": "a", "documents": ["b"]},
    "/embed": {"inputs": "a"},
    "/classify": {"input": "a"},
    "/pooling": {"input": "a"},
}
# each call makes a client, threads at the same time; none of them shall read all certificates anew
post = partial(httpx.post, timeout=60, verify=ssl.create_default_context())
FULL = ("--max-concurrent-requests", "2")
TOKEN_SECONDS = 2e-4  # so that 1,000 texts take more than a second


@contextmanager
def busy(server: Server, requests: int) -> Iterator[None]:
    """Keep so many requests in work."""
    over = Event()

    def ask(number: int) -> None:
        while not over.is_set():
            body = {"input": [f"{number} {index} some words" for index in range(1000)]}
            post(f"{server.url}/v1/embeddings", json=body)

    with ThreadPoolExecutor(requests) as pool:
        for number in range(requests):
            pool.submit(ask, number)
        try:
            while post(f"{server.url}/v1/embeddings", json={"input": "a"}).status_code != 429:
                pass
            yield
        finally:
            over.set()


def running(server: Server) -> float:
    """Return how many requests have begun to run."""
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("vectord_requests_running{"))


def test_every_dialect_says_in_seconds_and_milliseconds_when_to_come_back(serve: Serve) -> None:
    with serve(TOKEN_SECONDS, *FULL) as server, busy(server, 2):
        for route, body in ROUTES.items():
            answer = post(server.url + route, json=body)
            assert answer.status_code == 429, route
            milliseconds = int(answer.headers["retry-after-ms"])
            assert milliseconds >= 1
            assert int(answer.headers["retry-after"]) == max(1, math.ceil(milliseconds / 1000))


def test_a_full_server_answers_before_the_body_is_there(serve: Serve) -> None:
    with serve(TOKEN_SECONDS, *FULL) as server, busy(server, 2):
        with socket.create_connection(("127.0.0.1", server.port), 5) as sock:
            sock.sendall(b"POST /v1/embeddings HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{")
            assert sock.recv(4096).startswith(b"HTTP/1.1 429")
        assert post(f"{server.url}/v1/embeddings", content=b"no JSON").status_code == 429


def test_a_connection_can_be_used_on_after_a_refusal(serve: Serve) -> None:
    with (
        serve(TOKEN_SECONDS, *FULL) as server,
        closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection,
    ):
        with busy(server, 2):
            for _ in range(3):
                connection.request("POST", "/v1/embeddings", json.dumps({"input": "a b " * 5000}))
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 429
        connection.request("POST", "/v1/embeddings", json.dumps({"input": "a"}))
        assert connection.getresponse().status == 200


@pytest.mark.parametrize("body", [b"no JSON", b'{"input": ["', json.dumps({"input": ["a"] * 1000}).encode()])
def test_a_full_queue_is_said_before_a_request_like_the_last_is_parsed(serve: Serve, body: bytes) -> None:
    with serve(TOKEN_SECONDS, "--max-waiting-tokens", "3000") as server, ThreadPoolExecutor(1) as pool:
        url = f"{server.url}/v1/embeddings"
        many = {"input": [f"{index} some words" for index in range(2000)]}
        waits = pool.submit(post, url, json=many)  # an idle lane takes it; so nothing else is asked before
        while not running(server):
            assert not waits.done()
        assert post(url, json={"input": ["b"] * 400}).status_code == 429
        assert post(url, content=body + b" " * 4000).status_code == 429
        assert post(url, json={"input": ""}).status_code == 400  # so little is looked at
        assert waits.result().status_code == 200
