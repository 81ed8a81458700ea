"""An OpenTelemetry collector that keeps what it is sent: OTLP over HTTP, protobuf."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

Value = str | int | bool | float | None


@dataclass(frozen=True)
class Seen:
    """A span, its ids in hex and its times in seconds."""

    name: str
    kind: int
    trace: str
    id: str
    parent: str
    start: float
    end: float
    status: int
    attributes: dict[str, Value]

    @classmethod
    def of(cls, span: Span) -> "Seen":
        attributes = {one.key: value_of(one.value) for one in span.attributes}
        return cls(
            span.name,
            span.kind,
            span.trace_id.hex(),
            span.span_id.hex(),
            span.parent_span_id.hex(),
            span.start_time_unix_nano / 1e9,
            span.end_time_unix_nano / 1e9,
            span.status.code,
            attributes,
        )


def value_of(value: object) -> Value:
    """Return what an attribute holds."""
    kind = value.WhichOneof("value")  # type: ignore[attr-defined]
    held: Value = getattr(value, kind) if kind else None
    return held


@dataclass
class Collector:
    """Spans as they come, and the resources that they came from."""

    url: str = ""
    spans: list[Seen] = field(default_factory=list)
    resources: list[dict[str, Value]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def take(self, body: bytes) -> None:
        self.bodies.append(body)
        sent = ExportTraceServiceRequest.FromString(body)
        for resource in sent.resource_spans:
            self.resources.append({one.key: value_of(one.value) for one in resource.resource.attributes})
            self.spans += [Seen.of(span) for scope in resource.scope_spans for span in scope.spans]

    def named(self, name: str, count: int = 1, seconds: float = 20) -> list[Seen]:
        """Return the spans of a name, once there are so many."""
        end = time.monotonic() + seconds
        while len(found := [span for span in tuple(self.spans) if span.name == name]) < count:
            assert time.monotonic() < end, [span.name for span in self.spans]
            time.sleep(0.02)
        return found

    def below(self, parent: Seen) -> dict[str, Seen]:
        """Return a span's children by name."""
        return {span.name: span for span in tuple(self.spans) if span.parent == parent.id}


@contextmanager
def collecting() -> Iterator[Collector]:
    """Run a collector on a free port."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            known = self.path == "/v1/traces" and self.headers["content-type"] == "application/x-protobuf"
            if known:
                collector.take(body)
            self.send_response(200 if known else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        collector.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
