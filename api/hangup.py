"""Clients that hang up: the work that they waited for is cancelled."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.types import Receive

T = TypeVar("T")


class ClientLeft(Exception):
    """The client hung up; nobody waits for an answer."""


async def no_answer(request: Request, error: Exception) -> None:
    """Starlette's handler for `ClientLeft`."""


async def while_connected(receive: Receive, work: Callable[[], Awaitable[T]]) -> T:
    """Return what the work returns. Raises `ClientLeft`, the work cancelled, when the client hangs up.

    The request's body must have been read.
    """
    watcher = asyncio.create_task(disconnect(receive))
    try:
        await asyncio.sleep(0)  # so that no work begins for a client that has left already
        if watcher.done():
            raise ClientLeft
        task = asyncio.ensure_future(work())
        watcher.add_done_callback(lambda _: task.cancel())
        return await task
    except asyncio.CancelledError:
        if watcher.done():
            raise ClientLeft from None
        raise
    finally:
        watcher.cancel()


async def disconnect(receive: Receive) -> None:
    """Return when the client hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass
