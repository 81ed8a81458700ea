import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from starlette.types import ASGIApp, Message

from vectord.api import Metrics

from .fake import FakeEngine

Clients = Callable[..., httpx.AsyncClient]

BROKEN = {
    "nothing": b"",
    "half": b'{"input": "a',
    "invalid UTF-8": b'{"input": "\xff"}',
    "a lone surrogate": b'{"input": "\\ud800"}',
    "a raw lone surrogate": b'{"input": "\xed\xa0\x80"}',
    "10,000 lists deep": b'{"input": ' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "10,000 objects deep": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "NaN": b'{"input": NaN}',
    "Infinity": b'{"input": "a", "dimensions": Infinity}',
    "not an object": b'["a"]',
    "null": b"null",
    "text": b"hello",
    "two values": b'{"input": "a"} {"input": "b"}',
    "a form": b"input=a",
}


@pytest.mark.parametrize("case", BROKEN)
async def test_broken_json_is_a_clear_400(client: httpx.AsyncClient, case: str) -> None:
    answer = await client.post("/v1/embeddings", content=BROKEN[case])
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert len(error["message"]) < 200
    assert (await client.post("/v1/embeddings", json={"input": "a"})).status_code == 200


@pytest.mark.parametrize("case", ["invalid UTF-8", "a raw lone surrogate"])
async def test_a_body_that_is_not_utf8_is_told_so(client: httpx.AsyncClient, case: str) -> None:
    error = (await client.post("/v1/embeddings", content=BROKEN[case])).json()["error"]
    assert error["message"] == "The body is not UTF-8: see byte 11."


async def test_deep_lists_within_the_parsers_limit_are_400_too(client: httpx.AsyncClient) -> None:
    content = b'{"input": ' + b"[" * 900 + b"]" * 900 + b"}"
    assert (await client.post("/v1/embeddings", content=content)).status_code == 400


@pytest.mark.parametrize(
    "kind", [None, "application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json"]
)
async def test_json_may_be_declared_or_not(client: httpx.AsyncClient, kind: str | None) -> None:
    headers = {} if kind is None else {"content-type": kind}
    answer = await client.post("/v1/embeddings", content=b'{"input": "a"}', headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "image/svg+xml"},
    ],
)
async def test_anything_else_is_415(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/v1/embeddings", content=b'{"input": "a"}', headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_the_limit_is_413(client_with: Clients, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    async with client_with(payload_limit=1000) as client:
        answer = await client.post("/v1/embeddings", content=chunks() if chunked else b"x" * 2000)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")
    assert "1000" in answer.json()["error"]["message"]


async def test_a_body_at_the_limit_is_taken(client_with: Clients) -> None:
    body = b'{"input": "a"}'
    async with client_with(payload_limit=len(body)) as client:
        assert (await client.post("/v1/embeddings", content=body)).status_code == 200


SCOPE = {
    "type": "http",
    "http_version": "1.1",
    "method": "POST",
    "scheme": "http",
    "path": "/v1/embeddings",
    "raw_path": b"/v1/embeddings",
    "query_string": b"",
    "root_path": "",
    "headers": [(b"content-length", b"100")],
}


async def exchange(app: ASGIApp, *arriving: Message) -> tuple[list[Message], asyncio.Queue[Message]]:
    """Talk ASGI: after `arriving` the client stays silent."""
    queue: asyncio.Queue[Message] = asyncio.Queue()
    for message in arriving:
        queue.put_nowait(message)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            queue.put_nowait({"type": "http.disconnect"})

    await app(dict(SCOPE), queue.get, send)
    return sent, queue


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.fixture(autouse=True)
def short_lingering(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vectord.api.lingering.MOST_SECONDS", 0.1)


async def test_half_a_body_is_408(app_with: Callable[..., ASGIApp]) -> None:
    sent, _ = await exchange(app_with(read_seconds=0.1), part(b'{"inp', more=True))
    assert sent[0]["status"] == 408
    assert b"request_timeout" in sent[1]["body"]


async def test_a_client_that_leaves_amid_its_body_gets_no_answer(
    app_with: Callable[..., ASGIApp], metrics: Metrics
) -> None:
    sent, _ = await exchange(app_with(), part(b"{", more=True), {"type": "http.disconnect"})
    assert sent == []
    labels = {"model": "other", "task": "embed", "status": "499"}
    assert metrics.registry.get_sample_value("vectord_requests_total", labels) == 1


async def test_a_client_that_leaves_cancels_its_work(
    app_with: Callable[..., ASGIApp], engine: FakeEngine, metrics: Metrics
) -> None:
    async def arriving() -> AsyncIterator[Message]:
        yield part(b'{"input": "hold"}', more=False)
        await engine.held.wait()
        yield {"type": "http.disconnect"}

    messages = arriving()
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await asyncio.wait_for(app_with()(dict(SCOPE), messages.__anext__, send), 5)
    assert engine.cancelled.is_set()
    assert engine.admitted == 0
    assert sent == []
    labels = {"model": "mini", "task": "embed", "status": "499"}
    assert metrics.registry.get_sample_value("vectord_requests_total", labels) == 1


async def test_an_early_answer_goes_out_before_the_rest_is_read(app_with: Callable[..., ASGIApp]) -> None:
    chunks = [part(b"x" * 100, more=True) for _ in range(5)]
    sent, queue = await exchange(app_with(payload_limit=10), *chunks, part(b"", more=False))
    assert [message.get("more_body") for message in sent[1:]] == [True, False]
    assert sent[0]["status"] == 413
    assert queue.qsize() == 1  # the disconnect: nothing else was left unread


async def test_a_client_that_never_ends_its_body_is_left_after_a_while(
    app_with: Callable[..., ASGIApp],
) -> None:
    sent, queue = await asyncio.wait_for(exchange(app_with(payload_limit=10), part(b"x" * 100, more=True)), 5)
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert queue.empty()
