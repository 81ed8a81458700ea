"""A real socket, a real Hypercorn."""

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import httpx
import pytest
from h2.connection import H2Connection

from vectord.api.serve import listen
from vectord.errors import StartError

from .server import Server, running


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vectord.api.lingering.MOST_SECONDS", 0.3)
        with running(payload_limit=1_000_000) as server:
            yield server


def read_all(sock: socket.socket) -> bytes:
    data = b""
    while chunk := sock.recv(65536):
        data += chunk
    return data


def post(body: bytes, *headers: str, length: int | None = None) -> bytes:
    length = len(body) if length is None else length
    lines = ["POST /v1/embeddings HTTP/1.1", "host: x", f"content-length: {length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def still_serves(server: Server) -> bool:
    return httpx.post(f"{server.url}/v1/embeddings", json={"input": "a"}).status_code == 200


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


def test_garbage_is_refused(server: Server) -> None:
    with closing(server.connect()) as sock:
        sock.sendall(b"\x16\x03\x01 this is not http\r\n\r\n")
        assert read_all(sock).startswith(b"HTTP/1.1 400 ")
    assert still_serves(server)


def test_http2_works_by_prior_knowledge(server: Server) -> None:
    with httpx.Client(http1=False, http2=True, base_url=server.url) as client:
        for _ in range(2):
            answer = client.post("/v1/embeddings", json={"input": ["a"] * 500})
            assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
            assert len(answer.json()["data"]) == 500
        assert client.get("/nowhere").status_code == 404


def test_an_http2_answer_may_come_before_the_body_ends(server: Server) -> None:
    with httpx.Client(http1=False, http2=True, base_url=server.url) as client:
        assert client.post("/v1/embeddings", content=b"x" * 3_000_000).status_code == 413
        assert client.get("/livez").status_code == 200


def test_an_http2_body_that_goes_on_after_its_answer_harms_no_other(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    def body() -> Iterator[bytes]:
        yield b"x"
        time.sleep(1.2)  # over read_seconds and the time to linger
        yield b"x"

    with httpx.Client(http1=False, http2=True, base_url=server.url) as client:
        assert client.post("/v1/embeddings", content=body()).status_code == 408
        assert client.get("/livez").status_code == 200
        assert len(client._transport._pool.connections) == 1  # type: ignore[attr-defined]
    assert "dropped" not in caplog.text


def test_an_http2_client_that_never_opens_its_window_and_leaves_is_forgotten(server: Server) -> None:
    client = H2Connection()
    client.initiate_connection()
    body = json.dumps({"input": ["a"] * 500}).encode()  # its answer is larger than the first window
    for stream in (1, 3, 5):
        client.send_headers(stream, HTTP2_HEADERS)
        client.send_data(stream, body, end_stream=True)
    with closing(server.connect()) as sock:
        sock.sendall(client.data_to_send())
        wait_for(lambda: server.drain.in_flight == 3)
        while client.inbound_flow_control_window:
            client.receive_data(sock.recv(65536))
        assert server.drain.in_flight > 0
    wait_for(lambda: server.drain.in_flight == 0, seconds=5)


HTTP2_HEADERS = [
    (":method", "POST"),
    (":path", "/v1/embeddings"),
    (":scheme", "http"),
    (":authority", "x"),
]
HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"


@pytest.mark.parametrize("said", [b"", HTTP2_PREFACE], ids=["nothing", "HTTP/2 preface"])
def test_an_idle_connection_is_closed_at_last(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    # The package exports a function of the module's name.
    monkeypatch.setattr(sys.modules["vectord.api.serve"], "KEEP_ALIVE_SECONDS", 0.3)
    with running(read_seconds=30.0) as server, closing(server.connect()) as sock:
        sock.settimeout(5)
        sock.sendall(said)
        read_all(sock)


def test_websockets_are_refused(server: Server) -> None:
    upgrade = b"upgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: "
    with closing(server.connect()) as sock:
        sock.sendall(
            b"GET /v1/models HTTP/1.1\r\nhost: x\r\n" + upgrade + b"MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
        )
        assert sock.recv(65536).startswith(b"HTTP/1.1 403 ")
    assert still_serves(server)


def test_a_large_answer_arrives_whole(server: Server) -> None:
    answer = httpx.post(f"{server.url}/v1/embeddings", json={"input": ["some text"] * 2048})
    assert len(answer.json()["data"]) == 2048


def test_leaving_closes_http1_and_spares_http2() -> None:
    with (
        running(drain_seconds=20.0) as server,
        httpx.Client(http2=True, http1=False, base_url=server.url) as two,
    ):
        with httpx.Client(base_url=server.url) as one:
            two.get("/livez")
            sock = hold(server)
            server.leave()
            wait_for(lambda: server.drain.draining)
            assert one.get("/readyz").status_code == 503
            late = one.post("/v1/embeddings", json={"input": "a"})
            assert (late.status_code, late.headers["connection"]) == (200, "close")
            assert "connection" not in two.get("/livez").headers
        server.release()
        with closing(sock):
            assert read_all(sock).startswith(b"HTTP/1.1 200")


def hold(server: Server) -> socket.socket:
    sock = server.connect()
    sock.sendall(post(b'{"input": "hold"}'))
    wait_for(lambda: server.engine.held.is_set())
    return sock


def wait_for(holds: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_taken_port_stops_the_start_with_one_line(server: Server) -> None:
    with pytest.raises(StartError, match=r"cannot listen on 127\.0\.0\.1:.*--port"):
        listen("127.0.0.1", server.port)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0.0.0.0", "::1", "::", ""])
def test_any_spelling_of_a_host_is_listened_on(host: str) -> None:
    if host == "::1" and not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    with closing(listen(host, 0)) as sock:
        assert sock.getsockname()[1] > 0
