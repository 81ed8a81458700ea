"""The one timer of a connection, set anew with every request: a handle of the loop's, and no task."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from hypercorn.asyncio.task_group import TaskGroup

Action = Callable[[], Awaitable[None]]


class Timer:
    """Stands in for Hypercorn's `AsyncioSingleTask`, which starts a task and ends one for each request.

    An action begins once its time is over, or at once when the server ends.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, seconds: float) -> None:
        self._loop = loop
        self._seconds = seconds
        self._handle: asyncio.TimerHandle | None = None
        self._due: tuple[TaskGroup, Action] | None = None
        self._ended = False

    async def restart(self, task_group: TaskGroup, action: Action, seconds: float | None = None) -> None:
        """Do the action after so many seconds, instead of the one before."""
        await self.stop()
        self._due = (task_group, action)
        delay = self._seconds if seconds is None else seconds
        self._handle = self._loop.call_later(0 if self._ended else delay, self._run)

    async def stop(self) -> None:
        """Do nothing."""
        if self._handle is not None:
            self._handle.cancel()
        self._handle = self._due = None

    def end(self) -> None:
        """The server ends: do now what is due."""
        self._ended = True
        if self._handle is not None:
            self._handle.cancel()
            self._run()

    def _run(self) -> None:
        assert self._due is not None
        (task_group, action), self._handle, self._due = self._due, None, None
        task_group.spawn(as_coroutine, action)


async def as_coroutine(action: Any) -> None:
    """Do the action."""
    await action()
