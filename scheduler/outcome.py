"""Waiting on the event loop for what a thread will set."""

import asyncio
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from typing import TypeVar

T = TypeVar("T")


async def outcome(future: Future[T]) -> T:
    """Return a future's result; cancelling this cancels the future.

    Not `asyncio.wrap_future`: its two futures refer to each other, and with them a request's inputs and
    outputs would stay until the garbage collector comes, which is seldom.
    """
    loop = asyncio.get_running_loop()
    waiter = loop.create_future()
    future.add_done_callback(partial(wake, loop, waiter))
    try:
        await waiter
        return future.result()
    except asyncio.CancelledError:
        future.cancel()
        raise
    finally:
        del future  # an exception of its own would refer to it through this frame


def wake(loop: asyncio.AbstractEventLoop, waiter: asyncio.Future[None], _: object) -> None:
    """Let the loop go on with who waits; from any thread."""
    with suppress(RuntimeError):  # the loop has ended, and nobody waits
        loop.call_soon_threadsafe(release, waiter)


def release(waiter: asyncio.Future[None]) -> None:
    """Go on, unless the wait was given up."""
    if not waiter.done():
        waiter.set_result(None)
