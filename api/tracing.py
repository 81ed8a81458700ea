"""A span for each request, with a child for each phase of its work. OpenTelemetry is imported with this file.

Attributes have OpenTelemetry's names for HTTP servers, or begin with `vectord.`. None holds a request's text.
"""

import time
from collections.abc import Collection, Iterable

from opentelemetry.propagators.textmap import Getter
from opentelemetry.semconv.attributes.client_attributes import CLIENT_ADDRESS
from opentelemetry.semconv.attributes.error_attributes import ERROR_TYPE
from opentelemetry.semconv.attributes.http_attributes import (
    HTTP_REQUEST_METHOD,
    HTTP_RESPONSE_STATUS_CODE,
    HTTP_ROUTE,
)
from opentelemetry.semconv.attributes.network_attributes import NETWORK_PROTOCOL_VERSION
from opentelemetry.semconv.attributes.server_attributes import SERVER_ADDRESS, SERVER_PORT
from opentelemetry.semconv.attributes.url_attributes import URL_PATH, URL_SCHEME
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vectord.scheduler import Interval

from .labels import Place, labels_of, place_of
from .report import TRACED, Work, work_of
from .request_id import SCOPE_KEY as REQUEST_ID

METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"))
NANOSECONDS = 1_000_000_000
Headers = list[tuple[bytes, bytes]]


class HeaderGetter(Getter[Headers]):
    """Reads headers as ASGI has them."""

    def get(self, carrier: Headers, key: str) -> list[str] | None:
        """Return the values of a header."""
        wanted = key.encode()
        return [value.decode("latin-1") for name, value in carrier if name == wanted] or None

    def keys(self, carrier: Headers) -> list[str]:
        """Return the names of all headers."""
        return [name.decode("latin-1") for name, _ in carrier]


class Tracing:
    """Middleware: make spans of requests that are sampled, but not of probes and scrapes.

    A `traceparent` (W3C Trace Context) makes them part of the client's trace, and its flag says whether
    they are sampled.
    """

    def __init__(
        self, app: ASGIApp, *, tracer: Tracer, paths: Iterable[str], ignored: Collection[Place]
    ) -> None:
        self.app = app
        self.tracer = tracer
        self.routes = Routes(paths)
        self.ignored = ignored
        self._propagator = TraceContextTextMapPropagator()
        self._getter = HeaderGetter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, in a span."""
        if scope["type"] != "http" or place_of(scope) in self.ignored:
            return await self.app(scope, receive, send)
        parent = self._propagator.extract(scope["headers"], getter=self._getter)
        route, method = self.routes.of(scope["path"]), method_of(scope)
        name = f"{method if method in METHODS else 'HTTP'} {route or ''}".strip()
        # what `perf_counter` counts from, in nanoseconds of the epoch
        zero = time.time_ns() - time.perf_counter_ns()
        with self.tracer.start_as_current_span(
            name, parent, SpanKind.SERVER, asked_of(scope, route), record_exception=False
        ) as span:
            if not span.is_recording():
                return await self.app(scope, receive, send)
            scope[TRACED] = True
            await self._traced(span, zero, scope, receive, send)

    async def _traced(self, span: Span, zero: int, scope: Scope, receive: Receive, send: Send) -> None:
        status: int | None = None

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            conclude(span, scope, status)
            for phase, start, end in intervals_of(work_of(scope)):
                child = self.tracer.start_span(
                    phase, set_span_in_context(span), start_time=zero + int(start * NANOSECONDS)
                )
                child.end(zero + int(end * NANOSECONDS))


class Routes:
    """The server's routes: paths as they are declared, a parameter in braces."""

    def __init__(self, paths: Iterable[str]) -> None:
        named = [path.replace(":path}", "}") for path in paths]
        self._exact = frozenset(path for path in named if "{" not in path)
        self._below = {path.partition("{")[0]: path for path in named if "{" in path}

    def of(self, path: str) -> str | None:
        """Return the route of a path, None where there is none."""
        if path in self._exact:
            return path
        return next((route for begin, route in self._below.items() if path.startswith(begin)), None)


def method_of(scope: Scope) -> str:
    """Return the method, or what stands for one that no client should know."""
    method: str = scope["method"]
    return method if method in METHODS else "_OTHER"


def asked_of(scope: Scope, route: str | None) -> dict[str, AttributeValue]:
    """Return what is known of a request at its beginning. The path of no route may hold anything."""
    found: dict[str, AttributeValue] = {
        HTTP_REQUEST_METHOD: method_of(scope),
        URL_SCHEME: scope["scheme"],
        NETWORK_PROTOCOL_VERSION: scope["http_version"],
        "vectord.request_id": scope.get(REQUEST_ID, ""),
    }
    if route is not None:
        found |= {HTTP_ROUTE: route, URL_PATH: scope["path"]}
    if scope.get("server"):
        found[SERVER_ADDRESS], found[SERVER_PORT] = scope["server"]
    if scope.get("client"):
        found[CLIENT_ADDRESS] = scope["client"][0]
    return found


def conclude(span: Span, scope: Scope, status: int | None) -> None:
    """Note what became of a request; no status: its client left."""
    labels, work = labels_of(scope), work_of(scope)
    span.set_attributes({"vectord.model": labels.model, "vectord.task": labels.task})
    if work is not None:
        span.set_attributes({"vectord.inputs": work.phases.inputs, "vectord.tokens": work.phases.tokens})
    if labels.reason is not None:
        span.set_attribute("vectord.refusal", labels.reason)
    if status is None:
        span.set_attribute(ERROR_TYPE, "client_left")
        return
    span.set_attribute(HTTP_RESPONSE_STATUS_CODE, status)
    if status >= 500:
        span.set_attribute(ERROR_TYPE, str(status))
        span.set_status(StatusCode.ERROR)


def intervals_of(work: Work | None) -> list[Interval]:
    """Return the phases of a request's work, the writing of its answer last."""
    if work is None:
        return []
    found = list(work.phases.intervals or ())
    if work.done is not None and work.written is not None:
        found.append(("encode", work.done, work.written))
    return found
