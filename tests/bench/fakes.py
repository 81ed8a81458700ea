"""Servers of OpenAI's and TEI's routes whose vectors follow from their texts: good ones and bad ones."""

import base64
import json
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np


def vector(text: str) -> "np.ndarray[Any, np.dtype[np.float32]]":
    return np.random.default_rng(zlib.crc32(text.encode())).standard_normal(8).astype("<f4")


class Answers(BaseHTTPRequestHandler):
    """Sound: base64 or floats, as asked."""

    protocol_version = "HTTP/1.1"
    seen: list[Any]

    def do_GET(self) -> None:
        self.send(200, {"data": [{"id": "the-model"}]})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.seen.append((self.path, asked, dict(self.headers)))
        self.answer(asked)

    def answer(self, asked: Any) -> None:
        if "documents" in asked or "texts" in asked:
            self.send(200, {"results": []})
        elif self.path.endswith("/embed"):
            texts = [asked["inputs"]] if isinstance(asked["inputs"], str) else asked["inputs"]
            self.send(200, [self.row(text).tolist() for text in texts])
        else:
            texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
            rows = [base64.b64encode(self.row(text).tobytes()).decode() for text in texts]
            data = [{"index": index, "embedding": row} for index, row in enumerate(rows)]
            self.send(200, {"data": data[::-1]})

    def row(self, text: str) -> "np.ndarray[Any, np.dtype[np.float32]]":
        return vector(text)

    def send(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class InChunks(Answers):
    """Answers without a length."""

    def send(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for part in (body[:9], body[9:]):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")


class Leaves(Answers):
    """Says that it takes no second request on a connection."""

    def send(self, status: int, content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("connection", "close")
        self.end_headers()
        self.wfile.write(body)


class HangsUp(Answers):
    """Closes instead of answering every third request."""

    def answer(self, asked: Any) -> None:
        if len(self.seen) % 3:
            super().answer(asked)
        else:
            self.close_connection = True


class Refuses(Answers):
    """Has no room for every third request."""

    def answer(self, asked: Any) -> None:
        if len(self.seen) % 3:
            super().answer(asked)
        else:
            self.send(429, {"error": "full"})


class Differs(Answers):
    """Has its own idea of vectors."""

    def row(self, text: str) -> "np.ndarray[Any, np.dtype[np.float32]]":
        return vector(text) + 0.3 * vector(text[::-1])


class OnlyEmbeds(Answers):
    """Cannot rank."""

    def answer(self, asked: Any) -> None:
        if "documents" in asked:
            self.send(404, {})
        else:
            super().answer(asked)


@contextmanager
def fake(kind: type[Answers]) -> Iterator[tuple[int, list[Any]]]:
    """Serve; yield the port and the list of what was asked."""
    handler = type(kind.__name__, (kind,), {"seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port, handler.seen  # type: ignore[attr-defined]
        finally:
            server.shutdown()
            thread.join()
