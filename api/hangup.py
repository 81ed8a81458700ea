"""Clients that hang up: the work that they waited for is cancelled."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.types import Receive

T = TypeVar("T")


class ClientLeft(Exception):
    """The client hung up; nobody waits for an answer."""


async def while_connected(receive: Receive, work: Callable[[], Awaitable[T]]) -> T:
    """Return what the work returns. Raises `ClientLeft`, the work cancelled, when the client hangs up.

    The request's body must have been read.
    """
    task = asyncio.current_task()
    assert task is not None
    watcher = asyncio.create_task(disconnect(receive))
    left = over = False

    def leave(_: object) -> None:
        nonlocal left
        if not over:
            left = True
            task.cancel()

    watcher.add_done_callback(leave)
    try:
        await asyncio.sleep(0)  # so that no work begins for a client that has left already
        if watcher.done():
            raise ClientLeft
        return await work()
    except asyncio.CancelledError:
        if left and not task.uncancel():
            raise ClientLeft from None
        raise
    finally:
        over = True
        watcher.cancel()


async def disconnect(receive: Receive) -> None:
    """Return when the client hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass
