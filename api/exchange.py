"""One request over HTTP/1.1 and its answer, as an ASGI app sees them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

from hypercorn.typing import AppWrapper
from starlette.types import Message, Scope

from .framing import Framing
from .hangup import LEFT
from .offload import LARGE

log = logging.getLogger(__name__)

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
MOST_WAITING = 256 * 1024  # bytes of a body that wait for the app before no more is read
DISCONNECT: Message = {"type": "http.disconnect"}


class Exchange:
    """Takes the request's body as it comes, and sends the answer.

    `write` sends bytes, `ended` is called once the answer is out or cannot be finished. `broken`: what is
    left of the connection must not be used. `asks_to_continue`: the client waits for leave to send.
    """

    def __init__(
        self,
        scope: Scope,
        framing: Framing,
        asks_to_continue: bool,
        write: Callable[[bytes], Awaitable[None]],
        ended: Callable[[], Awaitable[None]],
    ) -> None:
        self.scope = scope
        self.begun = self.complete = self.started = self.over = self.broken = False
        scope["extensions"] = {LEFT: self.when_left}
        self._framing = framing
        self._asks_to_continue = asks_to_continue
        self._write = write
        self._ended = ended
        self._head = b""
        self._parts: list[bytes] = []
        self._size = 0
        self._is_taken = False
        self._changed = asyncio.Event()
        self._has_room = asyncio.Event()
        self._leave: Callable[[], object] | None = None

    @property
    def keeps_alive(self) -> bool:
        """Whether another request may follow, as far as the client is concerned."""
        return not self._framing.closes

    @property
    def closes(self) -> bool:
        """Whether the connection must end after it."""
        return self.broken or self._framing.closes or not self.complete

    def add(self, data: bytes) -> None:
        """Take a part of the body."""
        if not self.over:
            self._parts.append(data)
            self._size += len(data)
            self._changed.set()

    async def room(self) -> None:
        """Return once not too much of the body waits."""
        while self._size > MOST_WAITING:
            self._has_room.clear()
            await self._has_room.wait()

    def finish(self) -> None:
        """Note that the request is complete."""
        self.complete = True
        self._changed.set()

    def leave(self) -> None:
        """Note that nobody waits for the rest: the client left, or the answer is out."""
        self.over = True
        self._drop()
        self._changed.set()
        leave, self._leave = self._leave, None
        if leave is not None:
            leave()

    def when_left(self, call: Callable[[], object]) -> Callable[[], None]:
        """Call when nobody waits any more, at once if that is so; return what takes it back."""
        if self.over:
            call()
        else:
            self._leave = call
        return self._forget

    def _forget(self) -> None:
        self._leave = None

    async def run(self, app: AppWrapper) -> None:
        """Let the app answer; what it leaves open is a failure."""
        try:
            await app(self.scope, self.receive, self.send, None, None)  # type: ignore[arg-type]
        except Exception as error:  # one of an answer that has begun: there is nothing left to say
            log.error("an answer was broken off: %s", type(error).__name__)
        finally:
            if not self.over:
                self.broken = True
                self.leave()
                await self._ended()
            # it leads back here: a cycle for every request would keep the garbage collector busy
            self.scope.pop("extensions", None)

    async def receive(self) -> Message:
        """Return what has come of the body; after its end, wait until the client leaves."""
        if self._asks_to_continue and not self.started:
            self._asks_to_continue = False
            await self._write(CONTINUE)
        while True:
            if self.over:
                return DISCONNECT
            if self._parts or (self.complete and not self._is_taken):
                return self._taken()
            self._changed.clear()
            await self._changed.wait()

    def _taken(self) -> Message:
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._drop()
        self._is_taken = self.complete
        return {"type": "http.request", "body": body, "more_body": not self.complete}

    def _drop(self) -> None:
        self._parts.clear()
        self._size = 0
        self._has_room.set()

    async def send(self, message: Message) -> None:
        """Send a part of the answer; the head goes out with what follows, since two packets wake twice."""
        if self.over:
            return
        if message["type"] == "http.response.start":
            self._head = self._framing.head(message["status"], message.get("headers", ()))
            self.started = True
        elif message["type"] == "http.response.body":
            last = not message.get("more_body", False)
            head, self._head = self._head, b""
            data = self._framing.body(message.get("body", b""), last)
            if head and len(data) > LARGE:  # to copy it takes longer than a packet more
                await self._write(head)
                head = b""
            if head or data:
                await self._write(head + data)
            if last and not self.over:
                self.leave()
                await self._ended()


def scope_of(
    method: str, target: bytes, version: str, headers: list[tuple[bytes, bytes]], **place: Any
) -> Scope:
    """Return what ASGI says of a request; `place` is what the connection knows."""
    path, _, query = target.partition(b"?")
    return {
        "type": "http",
        "asgi": {"spec_version": "2.1", "version": "3.0"},
        "http_version": version,
        "method": method,
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "query_string": query,
        "headers": headers,
        **place,
    }
