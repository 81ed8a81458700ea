"""A real socket, a real Hypercorn."""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from starlette.responses import PlainTextResponse

from vectord.api import Drain, bind, serve
from vectord.config import Settings
from vectord.errors import StartError

from .raw import post, read_all, still_serves, wait_for
from .server import Server


def test_a_connection_is_kept(server: Server) -> None:
    with httpx.Client(base_url=server.url) as client:
        for _ in range(3):
            answer = client.post("/v1/embeddings", json={"input": "a"})
            assert answer.status_code == 200
            assert "server" not in answer.headers
            assert "connection" not in answer.headers


def test_half_a_body_is_408(server: Server) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(post(b'{"input": "a', length=100))
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"request_timeout" in answer
    assert still_serves(server)


def test_half_headers_are_408(server: Server) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(b"POST /v1/embeddings HTTP/1.1\r\nhost: x\r\n")
        head, _, body = read_all(sock).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert json.loads(body)["error"]["code"] == "request_timeout"


def test_half_headers_are_408_on_a_kept_connection_too(server: Server) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(post(b'{"input": "a"}'))
        assert sock.recv(65536).startswith(b"HTTP/1.1 200")
        sock.sendall(b"GET /livez HTT")
        assert read_all(sock).startswith(b"HTTP/1.1 408 ")


def test_headers_that_trickle_are_not_given_more_time(server: Server) -> None:
    with closing(server.connect()) as sock:
        began = time.monotonic()
        sock.settimeout(0.1)
        answer = b""
        sock.sendall(b"GET /livez HTTP/1.1\r\nhost: ")
        while not answer and time.monotonic() - began < 5:
            sock.sendall(b"x")
            try:
                answer = sock.recv(100)
            except TimeoutError:
                continue
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < 2


def test_headers_that_come_in_parts_are_taken(server: Server) -> None:
    with closing(server.connect()) as sock:
        request = post(b'{"input": "a"}', "connection: close")
        for start in range(0, len(request), 20):
            sock.sendall(request[start : start + 20])
            time.sleep(0.01)
        assert read_all(sock).startswith(b"HTTP/1.1 200")


def test_an_idle_connection_outlives_the_time_to_read(server: Server) -> None:
    with httpx.Client(base_url=server.url) as client:
        client.get("/livez")
        time.sleep(0.8)
        assert client.get("/livez").status_code == 200
        [connection] = client._transport._pool.connections  # type: ignore[attr-defined]
        assert "Request Count: 2" in connection.info()


def test_a_413_reaches_a_client_that_still_sends(server: Server) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(post(b"x" * 10_000_000, "connection: close"))
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"payload_too_large" in answer
    assert still_serves(server)


def test_a_chunked_body_is_counted_as_it_arrives(server: Server) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * 50_000

    answer = httpx.post(f"{server.url}/v1/embeddings", content=chunks())
    assert answer.status_code == 413


def test_a_body_that_never_ends_holds_nobody_up(server: Server) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(post(b"x" * 1_200_000, length=50_000_000))
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 413 ")
    wait_for(lambda: server.drain.in_flight == 0)


def test_a_hang_up_cancels_the_work(server: Server) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(post(b'{"input": "hold"}'))
        wait_for(lambda: server.engine.held.is_set())
    wait_for(lambda: server.engine.cancelled.is_set())
    wait_for(lambda: server.drain.in_flight == 0)
    server.engine.held.clear()
    server.engine.cancelled.clear()
    assert still_serves(server)


def test_a_hang_up_amid_the_body_harms_nobody(server: Server) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(post(b'{"input', length=100))
        wait_for(lambda: server.drain.in_flight == 1)
    wait_for(lambda: server.drain.in_flight == 0)
    assert still_serves(server)


CHUNKED = "transfer-encoding: chunked"


NOT_HTTP = {
    "garbage": (b"\x16\x03\x01 this is not http\r\n\r\n", 400, "is not valid HTTP"),
    "no version": (b"GET /livez\r\n\r\n", 400, "is not valid HTTP"),
    "no host": (b"GET /livez HTTP/1.1\r\n\r\n", 400, "is not valid HTTP"),
    "large headers": (
        b"GET /livez HTTP/1.1\r\nhost: x\r\nx: " + b"x" * 100_000,
        431,
        "headers are larger than this server takes: 16384 bytes",
    ),
    "unknown coding": (
        b"POST /embed HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n",
        501,
        "send chunked",
    ),
    "broken chunk": (
        b"POST /embed HTTP/1.1\r\nhost: x\r\n" + CHUNKED.encode() + b"\r\n\r\nzz\r\n",
        400,
        "not valid",
    ),
    "two lengths": (post(b"0\r\n\r\n", CHUNKED), 400, "both Transfer-Encoding and Content-Length"),
    "two equal lengths": (post(b"", "content-length: 1", length=0), 400, "is not valid HTTP"),
}


@pytest.mark.parametrize("case", NOT_HTTP)
def test_what_is_not_http_is_refused_with_a_reason(server: Server, case: str) -> None:
    data, status, reason = NOT_HTTP[case]
    with closing(server.connect()) as sock:
        sock.sendall(data)
        head, _, body = read_all(sock).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nconnection: close" in head
    error = json.loads(body)["error"]
    assert error.keys() == {"message", "type", "param", "code"}
    assert reason in error["message"]
    wait_for(lambda: server.drain.in_flight == 0)
    assert still_serves(server)


def test_a_refused_head_has_no_body(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(post(b"0\r\n\r\n", CHUNKED).replace(b"POST", b"HEAD"))
        head, _, body = read_all(sock).partition(b"\r\n\r\n")
    assert (head[:13], body) == (b"HTTP/1.1 400 ", b"")
    assert "dropped" not in caplog.text


def test_a_wish_for_a_websocket_is_not_taken(server: Server) -> None:
    upgrade = b"upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: "
    with closing(server.connect()) as sock:
        sock.sendall(b"GET /nowhere HTTP/1.1\r\nhost: x\r\n" + upgrade + b"MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 404 ")
    assert still_serves(server)


def test_a_large_answer_arrives_whole(server: Server) -> None:
    answer = httpx.post(f"{server.url}/v1/embeddings", json={"input": ["some text"] * 2048})
    assert len(answer.json()["data"]) == 2048


def test_a_taken_port_stops_the_start_with_one_line(server: Server) -> None:
    with pytest.raises(StartError, match=r"cannot listen on 127\.0\.0\.1:.*--port"):
        bind("127.0.0.1", server.port)


def test_a_bound_address_refuses_until_it_is_served() -> None:
    with closing(bind("127.0.0.1", 0)) as sock, pytest.raises(ConnectionRefusedError):
        socket.create_connection(sock.getsockname(), timeout=5)


async def test_an_address_that_another_process_took_meanwhile_is_one_line(drain: Drain) -> None:
    with closing(bind("127.0.0.1", 0)) as ours:
        port = ours.getsockname()[1]
        with closing(bind("127.0.0.1", port)) as theirs:
            theirs.listen()
            with pytest.raises(StartError, match=r"cannot listen on 127\.0\.0\.1:.*--port"):
                await serve(PlainTextResponse(), ours, Settings(port=port), drain)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::1", "::", ""])
def test_any_spelling_of_a_host_is_listened_on(host: str) -> None:
    if host == "::1" and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    with closing(bind(host, 0)) as sock:
        assert sock.getsockname()[1] > 0
