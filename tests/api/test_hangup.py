"""Work is done for as long as its client waits."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from vectord.api.hangup import ClientLeft, while_connected


async def test_no_work_begins_for_a_client_that_has_left() -> None:
    begun = False

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def work() -> None:
        nonlocal begun
        begun = True

    with pytest.raises(ClientLeft):
        await while_connected(Request({"type": "http"}, receive), work)
    assert not begun


async def test_work_is_cancelled_when_its_client_leaves() -> None:
    left, cancelled = asyncio.Event(), False

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    async def work() -> None:
        nonlocal cancelled
        left.set()
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            cancelled = True
            raise

    with pytest.raises(ClientLeft):
        await while_connected(Request({"type": "http"}, receive), work)
    assert cancelled


async def test_what_work_returns_and_raises_goes_through() -> None:
    async def receive() -> Message:
        await asyncio.sleep(10)
        return {"type": "http.disconnect"}

    async def good() -> int:
        return 3

    async def bad() -> int:
        raise ValueError("bad")

    assert await while_connected(Request({"type": "http"}, receive), good) == 3
    with pytest.raises(ValueError, match="bad"):
        await while_connected(Request({"type": "http"}, receive), bad)
