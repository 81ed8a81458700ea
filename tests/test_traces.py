"""Spans of a real server, as a collector gets them."""

import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import httpx
import pytest

from .api.collector import Collector, Seen, collecting
from .docs import ROOT
from .server import DEFAULT_MODEL, Server, serving

pytestmark = pytest.mark.skipif(DEFAULT_MODEL is None, reason="all-MiniLM-L6-v2 is not installed")

TRACE, CLIENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SERVER_SPAN = 2  # SPAN_KIND_SERVER
ERROR = 2  # STATUS_CODE_ERROR
EMBED = "POST /v1/embeddings"
PHASES = {"tokenise", "queue", "run", "encode"}
SECRET = "unmistakable"
SOON = {"OTEL_BSP_SCHEDULE_DELAY": "50"}


def traceparent(*, trace: str = TRACE, sampled: bool = True) -> dict[str, str]:
    return {"traceparent": f"00-{trace}-{CLIENT}-{'01' if sampled else '00'}"}


@dataclass
class Traced:
    server: Server
    collector: Collector

    def embed(self, text: str | list[str], trace: str, **more: object) -> Seen:
        """Embed as part of a trace; return the server's span."""
        headers = traceparent(trace=trace)
        httpx.post(
            f"{self.server.url}/v1/embeddings", json={"input": text, **more}, headers=headers, timeout=30
        )
        return self.of_trace(trace)

    def of_trace(self, trace: str) -> Seen:
        """Return the server's span of a trace, once it has come."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            found = [one for one in tuple(self.collector.spans) if one.trace == trace]
            if roots := [one for one in found if one.kind == SERVER_SPAN]:
                return roots[0]
            time.sleep(0.02)
        raise AssertionError("no span came")


@pytest.fixture(scope="module")
def traced() -> Iterator[Traced]:
    with (
        collecting() as collector,
        serving("--otlp-endpoint", collector.url, "--payload-limit", "1000", env=SOON) as server,
    ):
        yield Traced(server, collector)


def test_a_request_is_a_span_with_its_phases_in_the_clients_trace(traced: Traced) -> None:
    before = time.time()
    root = traced.embed([f"{SECRET} words", "and others"], TRACE)
    after = time.time()
    assert (root.name, root.trace, root.parent) == (EMBED, TRACE, CLIENT)
    assert root.attributes["http.request.method"] == "POST"
    assert root.attributes["http.route"] == root.attributes["url.path"] == "/v1/embeddings"
    assert root.attributes["http.response.status_code"] == 200
    assert root.attributes["url.scheme"] == "http"
    assert root.attributes["network.protocol.version"] == "1.1"
    assert root.attributes["server.port"] == traced.server.port
    assert root.attributes["client.address"] == "127.0.0.1"
    assert root.attributes["vectord.model"] == "all-MiniLM-L6-v2"
    assert root.attributes["vectord.task"] == "embed"
    assert root.attributes["vectord.inputs"] == 2
    tokens = root.attributes["vectord.tokens"]
    assert isinstance(tokens, int) and tokens > 6
    assert before < root.start < root.end < after
    children = traced.collector.below(root)
    assert children.keys() == PHASES
    assert {child.trace for child in children.values()} == {TRACE}
    steps = [children[name] for name in ("tokenise", "queue", "run", "encode")]
    slack = 0.001  # of two clocks
    for step in steps:
        assert root.start - slack <= step.start <= step.end <= root.end + slack
    for one, next_one in pairwise(steps):
        assert one.end <= next_one.start + slack
    assert children["run"].end - children["run"].start > 0.0002


def test_no_text_of_a_request_is_in_a_span(traced: Traced) -> None:
    traced.embed(f"{SECRET} words", "1" * 32, model="nobody")
    httpx.get(f"{traced.server.url}/{SECRET}?{SECRET}", headers=traceparent(trace="2" * 32))
    root = traced.of_trace("2" * 32)
    assert root.name == "GET"
    assert root.attributes["http.response.status_code"] == 404
    assert not any(SECRET.encode() in body for body in traced.collector.bodies)


def test_a_refusal_says_why_and_a_failure_is_an_error(traced: Traced) -> None:
    empty = traced.embed("", "3" * 32)
    assert empty.attributes["http.response.status_code"] == 400
    assert empty.attributes["vectord.refusal"] == "invalid"
    assert empty.status != ERROR
    large = traced.embed("a" * 2000, "4" * 32)
    assert large.attributes["vectord.refusal"] == "payload"
    assert traced.collector.below(large) == {}
    answer = httpx.post(
        f"{traced.server.url}/v1/embeddings",
        json={"input": "a"},
        headers={**traceparent(trace="5" * 32), "x-request-timeout-ms": "1"},
    )
    late = traced.of_trace("5" * 32)
    assert late.attributes["http.response.status_code"] == answer.status_code
    assert (late.status == ERROR) == (answer.status_code == 504)


def test_what_the_client_does_not_sample_is_not_sent(traced: Traced) -> None:
    url, sent = f"{traced.server.url}/v1/embeddings", {"input": "a"}
    httpx.post(url, json=sent, headers=traceparent(trace="6" * 32, sampled=False))
    httpx.get(f"{traced.server.url}/livez", headers=traceparent(trace="8" * 32))
    httpx.get(f"{traced.server.url}/metrics", headers=traceparent(trace="8" * 32))
    traced.embed("a", "7" * 32)
    time.sleep(0.2)
    assert {one.trace for one in traced.collector.spans}.isdisjoint({"6" * 32, "8" * 32})


def test_a_request_without_a_trace_begins_one(traced: Traced) -> None:
    before = len(traced.collector.named(EMBED, 0))
    httpx.post(f"{traced.server.url}/v1/embeddings", json={"input": "a"}, headers={"traceparent": "nonsense"})
    root = traced.collector.named(EMBED, before + 1)[-1]
    assert (root.parent, len(root.trace)) == ("", 32)


def test_a_client_that_leaves_is_told_apart(traced: Traced) -> None:
    body = b'{"input": "' + b"a " * 400 + b'"}'
    with socket.create_connection(("127.0.0.1", traced.server.port)) as client:
        client.sendall(
            b"POST /v1/embeddings HTTP/1.1\r\nhost: a\r\ncontent-length: 990\r\n"
            b"traceparent: " + traceparent(trace="9" * 32)["traceparent"].encode() + b"\r\n\r\n" + body
        )
    root = traced.of_trace("9" * 32)
    assert root.attributes["error.type"] == "client_left"


def test_the_last_spans_are_sent_at_the_end_and_names_come_from_the_variables() -> None:
    with collecting() as collector:
        env = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "600000",
            "OTEL_SERVICE_NAME": "search",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        }
        with serving(env=env) as server:
            httpx.post(f"{server.url}/v1/embeddings", json={"input": "a"})
            assert not collector.spans
            server.terminate()
            assert server.wait() == 0
        assert collector.named(EMBED)
        assert collector.resources[0]["service.name"] == "search"


def test_a_collector_that_is_not_there_holds_nothing_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]  # it takes connections and never answers
        with serving("--otlp-endpoint", f"http://127.0.0.1:{port}", env=SOON) as server:
            for _ in range(5):
                assert httpx.post(f"{server.url}/v1/embeddings", json={"input": "a"}).status_code == 200
            start = time.monotonic()
            server.terminate()
            assert server.wait() == 0
            assert time.monotonic() - start < 10


def test_the_documentation_names_every_attribute(traced: Traced) -> None:
    traced.embed("", "a" * 32)
    page = (ROOT / "docs/observability.md").read_text()
    attributes = {name for span in traced.collector.spans for name in span.attributes}
    assert "vectord.refusal" in attributes
    assert not {name for name in attributes if f"`{name}`" not in page}


TELLING = """
import atexit, sys
brought = lambda: any(name.startswith("opentelemetry") for name in sys.modules)
atexit.register(lambda: print(f"opentelemetry: {brought()}", file=sys.stderr))
from vectord.__main__ import main
main()
"""


@pytest.mark.parametrize("wanted", [False, True])
def test_opentelemetry_is_imported_only_where_a_collector_is_named(wanted: bool) -> None:
    with collecting() as collector:
        env = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{collector.url}/v1/traces"} if wanted else {}
        with serving(command=(sys.executable, "-c", TELLING), env=env) as server:
            assert httpx.post(f"{server.url}/v1/embeddings", json={"input": "a"}).status_code == 200
        assert server.log[-1] == f"opentelemetry: {wanted}"
