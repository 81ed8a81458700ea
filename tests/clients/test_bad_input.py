"""Bad input to the real server: each gets a clear error, and the server goes on serving."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest

from ..server import Server

URL = "/v1/embeddings"
SECRET = "a-private-text"
JSON = "application/json"


def body(**content: Any) -> bytes:
    return json.dumps({"input": "a", **content}).encode()


def answered(server: Server, data: bytes, kind: str = JSON) -> httpx.Response:
    return httpx.post(f"{server.url}{URL}", content=data, headers={"content-type": kind}, timeout=30)


@pytest.fixture(autouse=True)
def serves_on(server: Server) -> Iterator[None]:
    """After each test the server still gives the same answer, and its log holds no text and no bug."""
    right = answered(server, body(input="still here?")).json()["data"]
    yield
    assert answered(server, body(input="still here?")).json()["data"] == right
    assert server.process.poll() is None
    log = "\n".join(server.log)
    assert SECRET not in log
    assert "Traceback" not in log
    assert "failed" not in log


BAD = {
    "empty text": (body(input=""), 400, "input"),
    "empty list": (body(input=[]), 400, "input"),
    "empty text in a list": (body(input=[SECRET, ""]), 400, "input"),
    "3,000 inputs": (body(input=[SECRET] * 3000), 400, "input"),
    "no input": (b"{}", 400, "input"),
    "null": (body(input=None), 400, "input"),
    "bool for string": (body(input=True), 400, "input"),
    "bool in a list": (body(input=[SECRET, True]), 400, "input"),
    "bool among ids": (body(input=[101, True]), 400, "input"),
    "negative id": (body(input=[101, -1]), 400, "input"),
    "id out of the vocabulary": (body(input=[101, 30522]), 400, "input"),
    "id of 40 bits": (body(input=[[2**40]]), 400, "input"),
    "id of 100 bits": (body(input=[[2**100]]), 400, "input"),
    "dimensions 0": (body(dimensions=0), 400, "dimensions"),
    "dimensions negative": (body(dimensions=-3), 400, "dimensions"),
    "dimensions too large": (body(dimensions=385), 400, "dimensions"),
    "NaN": (b'{"input": NaN}', 400, None),
    "NaN among dimensions": (b'{"input": "a", "dimensions": NaN}', 400, None),
    "infinite number": (b'{"input": "a", "dimensions": 1e999}', 400, None),
    "broken JSON": (b'{"input": "a-private-text', 400, None),
    "no body": (b"", 400, None),
    "a list": (b'["a-private-text"]', 400, None),
    "invalid UTF-8": (b'{"input": "a-private-text \xff\xfe"}', 400, None),
    "lone surrogate escaped": (rb'{"input": "a-private-text \ud800"}', 400, None),
    "lone surrogate encoded": (b'{"input": "a-private-text \xed\xa0\x80"}', 400, None),
    "10,000 deep": (b'{"input": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", 400, None),
    "10,000 deep and open": (b"[" * 10_000, 400, None),
    "deep in an unknown field": (b'{"input": "a", "x": ' + b"[" * 900 + b"]" * 900 + b"}", 200, None),
    "10 MB": (body(input=SECRET * 700_000), 413, None),
    "unknown model": (body(model="no-such-model"), 404, "model"),
    "unknown model with a long name": (body(model="x" * 100_000), 404, "model"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_openais_shape(server: Server, case: str) -> None:
    data, status, param = BAD[case]
    answer = answered(server, data)
    assert answer.status_code == status, answer.text
    assert "x-request-id" in answer.headers
    if status != 200:
        error = answer.json()["error"]
        assert error.keys() == {"message", "type", "param", "code"}
        assert (error["type"], error["param"]) == ("invalid_request_error", param)
        assert 0 < len(error["message"]) < 400
        assert SECRET not in answer.text


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/xml"])
def test_another_content_type_is_415(server: Server, kind: str) -> None:
    answer = answered(server, body(), kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_ten_megabytes_in_chunks_are_413(server: Server) -> None:
    answer = httpx.post(f"{server.url}{URL}", content=(b"x" * 100_000 for _ in range(100)), timeout=30)
    assert answer.status_code == 413


def request(length: int, data: bytes) -> bytes:
    head = f"POST {URL} HTTP/1.1\r\nhost: x\r\ncontent-type: {JSON}\r\ncontent-length: {length}\r\n\r\n"
    return head.encode() + data


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20)


def test_half_a_request_is_408_in_the_end(server: Server) -> None:
    with closing(connect(server)) as sock:
        sock.sendall(request(1000, b'{"input": "a-private-text'))
        assert sock.recv(65536).startswith(b"HTTP/1.1 408 ")


def test_half_the_headers_are_408_in_the_end(server: Server) -> None:
    with closing(connect(server)) as sock:
        sock.sendall(request(1000, b"")[:40])
        assert sock.recv(65536).startswith(b"HTTP/1.1 408 ")


def requests(server: Server, status: int) -> float:
    """Return how many embedding requests ended so."""
    wanted = f'vectord_requests_total{{model="all-MiniLM-L6-v2",status="{status}",task="embed"}}'
    lines = httpx.get(f"{server.url}/metrics").text.splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(wanted))


def test_a_client_that_hangs_up_is_forgotten(server: Server) -> None:
    before = requests(server, 499)
    data = body(input=[f"{SECRET} {number}" + " word" * 300 for number in range(500)])
    with closing(connect(server)) as sock:
        sock.sendall(request(len(data), data))
        wait_for_state(server, running=1)
    wait_for_state(server, running=0)
    assert requests(server, 499) == before + 1


def wait_for_state(server: Server, running: int) -> None:
    end = time.monotonic() + 10
    while httpx.get(f"{server.url}/readyz").json()["models"][0]["running"] != running:
        assert time.monotonic() < end
        time.sleep(0.01)
