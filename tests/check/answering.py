"""A server whose answers a test makes wrong: by route, the status, the body, and how fast it comes."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

VECTORS = ([1.0, 0.0], [0.8, 0.6], [0.0, 1.0])
RIGHT: dict[str, Any] = {
    "/readyz": {"status": "ready"},
    "/v1/models": {"data": [{"id": "mini", "vectord": {"tasks": ["embed", "rerank"], "dimensions": 2}}]},
    "/v1/embeddings": {"data": [{"index": at, "embedding": row} for at, row in enumerate(VECTORS)]},
    "/v1/rerank": {"results": [{"index": at, "relevance_score": (at == 1) + at / 4} for at in (1, 2, 0)]},
}


@contextmanager
def answering(wrong: dict[str, Any], *, status: int = 200, trickle: bool = False) -> Iterator[str]:
    """Answer as a right server does but on the routes of `wrong`; yield the address.

    `status` is that of wrong answers; `trickle` sends them byte by byte, without end.
    """
    over = Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = wrong.get(self.path, RIGHT[self.path])
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status if self.path in wrong else 200)
            if self.path in wrong and trickle:
                self.end_headers()
                self.drip()
                return
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

        def drip(self) -> None:
            with suppress(ConnectionError):
                while not over.wait(0.05):
                    self.wfile.write(b" ")

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        thread.join()
        server.server_close()
