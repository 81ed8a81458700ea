"""Leaving in good order: what is in flight, and answers that ask their connection to close."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Drain:
    """Whether the process is leaving, how many requests are in flight, and whether their time is up."""

    def __init__(self) -> None:
        self.draining = False
        self.cut = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._begun = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def begin(self) -> None:
        """Start to leave: not ready any more, yet late requests are still served."""
        self.draining = True
        self._begun.set()

    async def begun(self) -> None:
        """Return once the process is leaving."""
        await self._begun.wait()

    async def idle(self) -> None:
        """Return once nothing is in flight."""
        await self._idle.wait()

    @property
    def in_flight(self) -> int:
        """How many requests have no whole answer yet."""
        return len(self._tasks)

    def cut_off(self) -> None:
        """Cancel what is in flight; requests without an answer are then told so."""
        self.cut = True
        for task in self._tasks:
            task.cancel()

    def enter(self) -> None:
        """Count the request of the current task as in flight."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._idle.clear()

    def leave(self) -> None:
        """The request of the current task is over."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.discard(task)
        if not self._tasks:
            self._idle.set()


class Draining:
    """Middleware: count each request in, and close its connection after the answer while leaving."""

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self.app = app
        self.drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, counted in and out."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        # HTTP/2 forbids the header (RFC 9113, 8.2.2).
        may_close = scope["http_version"].startswith("1")

        async def closing(message: Message) -> None:
            if may_close and self.drain.draining and message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        self.drain.enter()
        try:
            await self.app(scope, receive, closing)
        finally:
            self.drain.leave()
