"""A real socket, a real Hypercorn."""

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import httpx
import pytest
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, Event, ResponseReceived, StreamEnded, StreamReset
from starlette.responses import PlainTextResponse

from vectord.api import Drain, bind, serve
from vectord.config import Settings
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


def post(body: bytes, *headers: str, length: int | None = None, path: str = "/v1/embeddings") -> bytes:
    length = len(body) if length is None else length
    lines = [f"POST {path} HTTP/1.1", "host: x", f"content-length: {length}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Http2:
    """A client that does no more than it is told: it opens no window by itself."""

    def __init__(self, server: Server) -> None:
        self.connection = H2Connection()
        self.connection.initiate_connection()
        self.sock = server.connect()
        self.seen: list[Event] = []
        self.acknowledged = 0

    def ask(self, stream: int, content: str | list[str], path: str = "/v1/embeddings") -> None:
        names = {":method": "POST", ":path": path, ":scheme": "http", ":authority": "x"}
        self.connection.send_headers(stream, list(names.items()))
        body = json.dumps({"inputs" if path == "/embed" else "input": content}).encode()
        self.connection.send_data(stream, body, end_stream=True)
        self.sock.sendall(self.connection.data_to_send())

    def receive(self) -> bool:
        """Take what comes next; False at the end."""
        data = self.sock.recv(65536)
        self.seen += self.connection.receive_data(data)
        return data != b""

    def receive_until(self, kind: type[Event]) -> list[str]:
        """Return the names of the events on streams, and of an end, up to one of this kind."""
        while not any(isinstance(event, kind) for event in self.seen):
            assert self.receive()
        kinds = (ResponseReceived, StreamEnded, StreamReset, ConnectionTerminated)
        return [type(event).__name__ for event in self.seen if isinstance(event, kinds)]

    def open_window(self) -> None:
        """Let as many bytes come as have come."""
        for event in self.seen[self.acknowledged :]:
            if isinstance(event, DataReceived) and event.flow_controlled_length:
                self.connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id or 0)
        self.acknowledged = len(self.seen)
        self.sock.sendall(self.connection.data_to_send())

    def close(self) -> None:
        self.sock.close()


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
    "unknown coding": (post(b"", "transfer-encoding: gzip", length=0), 501, "send chunked"),
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


def test_a_large_http2_answer_is_whole_before_its_client_is_told_to_go_elsewhere() -> None:
    with running(drain_seconds=20.0) as server, closing(Http2(server)) as client, closing(hold(server)):
        server.leave()
        wait_for(lambda: server.drain.draining)
        client.ask(1, ["a"] * 2048)
        while not any(isinstance(event, ConnectionTerminated) for event in client.seen):
            assert client.receive()
            client.open_window()
    pieces = [event for event in client.seen if isinstance(event, DataReceived)]
    assert len(json.loads(b"".join(one.data or b"" for one in pieces))["data"]) == 2048
    assert "StreamEnded" in client.receive_until(ConnectionTerminated)


def test_an_http2_client_that_never_opens_its_window_and_leaves_is_forgotten(server: Server) -> None:
    with closing(Http2(server)) as client:
        for stream in (1, 3, 5):
            client.ask(stream, ["a"] * 500)  # the answer is larger than the first window
        wait_for(lambda: server.drain.in_flight == 3)
        while client.connection.inbound_flow_control_window:
            client.receive()
        assert server.drain.in_flight > 0
    wait_for(lambda: server.drain.in_flight == 0, seconds=5)


HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"


@pytest.mark.parametrize("said", [b"", HTTP2_PREFACE], ids=["nothing", "HTTP/2 preface"])
def test_an_idle_connection_is_closed_at_last(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    # The package exports a function of the module's name.
    monkeypatch.setattr(sys.modules["vectord.api.serve"], "KEEP_ALIVE_SECONDS", 0.3)
    with running(read_seconds=30.0) as server, closing(server.connect()) as sock:
        sock.settimeout(5)
        sock.sendall(said)
        read_all(sock)


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
