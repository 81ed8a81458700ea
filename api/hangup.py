"""Clients that hang up: the work that they waited for is cancelled."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.types import Receive

T = TypeVar("T")
Forget = Callable[[], object]
# An ASGI extension of our HTTP/1.1: call when the client leaves. It saves a task for each request.
LEFT = "vectord.left"


class ClientLeft(Exception):
    """The client hung up; nobody waits for an answer."""


async def while_connected(request: Request, work: Callable[[], Awaitable[T]]) -> T:
    """Return what the work returns. Raises `ClientLeft`, the work cancelled, when the client hangs up.

    The request's body must have been read.
    """
    task = asyncio.current_task()
    assert task is not None
    when_left = request.scope.get("extensions", {}).get(LEFT)
    left = begun = False

    def leave() -> None:
        nonlocal left
        left = True
        if begun:
            task.cancel()

    forget: Forget = when_left(leave) if when_left else await watch(request.receive, leave)
    try:
        if left:
            raise ClientLeft
        begun = True
        return await work()
    except asyncio.CancelledError:
        if left and not task.uncancel():
            raise ClientLeft from None
        raise
    finally:
        forget()


async def watch(receive: Receive, leave: Callable[[], object]) -> Forget:
    """Call when the client leaves; return what takes it back. One that has left already is noticed here."""
    is_over = False
    watcher = asyncio.create_task(disconnect(receive))

    def left(_: object) -> None:
        if not is_over:
            leave()

    def forget() -> None:
        nonlocal is_over
        is_over = True
        watcher.cancel()

    watcher.add_done_callback(left)
    await asyncio.sleep(0)
    if watcher.done():
        forget()
        leave()
    return forget


async def disconnect(receive: Receive) -> None:
    """Return when the client hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass
