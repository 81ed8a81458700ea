"""Raw sockets and an HTTP/2 client that does no more than it is told."""

import json
import socket
import time
from collections.abc import Callable

import httpx
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, DataReceived, Event, ResponseReceived, StreamEnded, StreamReset

from .server import Server


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


HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"


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
