"""How connections end: idle ones, those of clients that leave, and all when the server leaves."""

import json
import socket
import sys
import time
from contextlib import ExitStack, closing

import httpx
import pytest
from h2.events import ConnectionTerminated, ResponseReceived, StreamEnded

from .raw import HTTP2_PREFACE, Http2, hold, post, read_all, still_serves, wait_for
from .server import Server, running


@pytest.mark.parametrize("said", [b"", HTTP2_PREFACE], ids=["nothing", "HTTP/2 preface"])
def test_an_idle_connection_is_closed_at_last(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    # The package exports a function of the module's name.
    monkeypatch.setattr(sys.modules["vectord.api.serve"], "KEEP_ALIVE_SECONDS", 0.3)
    with running(read_seconds=30.0) as server, closing(server.connect()) as sock:
        sock.settimeout(5)
        sock.sendall(said)
        # in HTTP/2 the server has its settings to say; the end comes before the socket's five seconds
        assert bool(read_all(sock)) == bool(said)


@pytest.mark.parametrize("is_http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("path", ["/v1/embeddings", "/nowhere"])
def test_a_kept_connection_ends_when_its_client_leaves(server: Server, is_http2: bool, path: str) -> None:
    with ExitStack() as stack:
        if is_http2:
            client = stack.enter_context(closing(Http2(server)))
            client.ask(1, "a", path)
            client.receive_until(StreamEnded)
            sock = client.sock
        else:
            sock = stack.enter_context(closing(server.connect()))
            sock.sendall(post(b'{"input": "a"}', path=path))
            assert b"content-length" in sock.recv(65536)
        sock.shutdown(socket.SHUT_WR)
        sock.settimeout(5)
        read_all(sock)


def test_leaving_tells_http2_clients_to_go_elsewhere_once_they_are_answered() -> None:
    answered = ["ResponseReceived", "StreamEnded"]
    with running(drain_seconds=20.0) as server, ExitStack() as stack:
        idle, busy = (stack.enter_context(closing(Http2(server))) for _ in range(2))
        idle.ask(1, "a")
        assert idle.receive_until(StreamEnded) == answered
        busy.ask(1, "hold")
        wait_for(lambda: server.engine.held.is_set())
        server.leave()
        assert idle.receive_until(ConnectionTerminated) == [*answered, "ConnectionTerminated"]
        late = stack.enter_context(closing(Http2(server)))
        late.ask(1, "late")
        assert late.receive_until(ConnectionTerminated) == [*answered, "ConnectionTerminated"]
        busy.ask(3, "late too")
        assert busy.receive_until(StreamEnded) == answered
        server.release()
        assert busy.receive_until(ConnectionTerminated) == [*answered, *answered, "ConnectionTerminated"]


@pytest.mark.parametrize("path", ["/v1/embeddings", "/embed"])
def test_a_request_cut_off_at_the_end_is_503_in_the_routes_shape(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["vectord.api.serve"], "FLUSH_SECONDS", 15.0)
    monkeypatch.setattr("vectord.api.lingering.MOST_SECONDS", 0.3)
    with running(drain_seconds=0.2, read_seconds=30.0) as server, ExitStack() as stack:
        whole, half = (stack.enter_context(closing(server.connect())) for _ in range(2))
        whole.sendall(post(b'{"input": "hold", "inputs": "hold"}', path=path))
        half.sendall(post(b'{"input', length=100, path=path))
        two = stack.enter_context(closing(Http2(server)))
        two.ask(1, "hold", path)
        wait_for(lambda: server.drain.in_flight == 3 and server.engine.held.is_set())
        server.leave()
        for sock in (whole, half):
            head, _, body = read_all(sock).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 ")
            assert b"\r\nconnection: close" in head
            assert b"\r\nretry-after: 1" in head
            answer = json.loads(body)
            assert (answer.get("error_type") or answer["error"]["code"]) in ("Unhealthy", "unavailable")
        assert two.receive_until(StreamEnded)[:2] == ["ResponseReceived", "StreamEnded"]
        [response] = [event for event in two.seen if isinstance(event, ResponseReceived)]
        assert dict(response.headers or ())[b":status"] == b"503"
        assert server.engine.cancelled.is_set()


@pytest.mark.parametrize("said", [b"", b"GET /livez HTT", HTTP2_PREFACE], ids=["nothing", "half", "HTTP/2"])
def test_with_nothing_in_flight_leaving_takes_no_time(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["vectord.api.serve"], "FLUSH_SECONDS", 15.0)
    with running(drain_seconds=20.0, read_seconds=30.0) as server, closing(server.connect()) as sock:
        sock.sendall(said)
        assert still_serves(server)
        began = time.monotonic()
        server.leave()
        read_all(sock)
        server.thread.join(10)
        assert time.monotonic() - began < 5


def test_leaving_closes_http1_and_serves_http2() -> None:
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


def test_a_kept_connection_may_ask_once_more_before_the_end() -> None:
    with running(drain_seconds=20.0) as server, closing(server.connect()) as sock:
        sock.sendall(post(b'{"input": "a"}'))
        assert b"content-length" in sock.recv(65536)
        server.leave()
        wait_for(lambda: server.drain.draining)
        time.sleep(0.2)  # nothing has been in flight for long
        sock.sendall(post(b'{"input": "b"}'))
        answer = read_all(sock)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"\r\nconnection: close" in answer
        server.thread.join(10)
        assert not server.thread.is_alive()


def test_a_kept_connection_that_stays_silent_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["vectord.api.serve"], "FAREWELL_SECONDS", 0.3)
    with running(drain_seconds=20.0) as server, closing(server.connect()) as sock:
        sock.sendall(post(b'{"input": "a"}'))
        assert b"content-length" in sock.recv(65536)
        began = time.monotonic()
        server.leave()
        assert read_all(sock) == b""
        assert 0.3 <= time.monotonic() - began < 5
