import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from vectord.api.slicing import SLICE, Slicing

START: Message = {"type": "http.response.start", "status": 200, "headers": []}


async def sent(*messages: Message) -> list[Message]:
    """Return what leaves of an answer."""
    found: list[Message] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    async def send(message: Message) -> None:
        found.append(message)

    async def receive() -> Message:
        raise AssertionError("nobody asks")

    await Slicing(app)({"type": "http"}, receive, send)
    return found


def body(data: bytes, *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


@pytest.mark.parametrize("size", [0, 1, SLICE])
async def test_a_small_answer_passes_as_it_is(size: int) -> None:
    assert await sent(START, body(b"a" * size)) == [START, body(b"a" * size)]


async def test_a_large_answer_leaves_in_slices() -> None:
    data = bytes(range(256)) * (5 * SLICE // 512) + b"end"
    found = await sent(START, body(data, more=True), body(data), body(b""))
    parts = [one["body"] for one in found[1:]]
    assert b"".join(parts) == data + data
    assert max(map(len, parts)) == SLICE
    assert [one["more_body"] for one in found[1:]] == [True] * 5 + [False, False]


async def test_others_are_served_between_slices() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    before = turns
    await sent(START, body(b"a" * 5 * SLICE))
    assert turns - before >= 5
    task.cancel()
