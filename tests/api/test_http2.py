"""HTTP/2 by prior knowledge, on a real socket."""

import json
import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from h2.events import ConnectionTerminated, DataReceived

from .raw import Http2, hold, wait_for
from .server import Server, running


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
