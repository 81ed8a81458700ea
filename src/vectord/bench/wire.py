"""One HTTP/1.1 connection: a prepared request out, its answer in."""

import asyncio
from collections.abc import Callable
from typing import cast

Answered = Callable[["Connection", int, float, int], None]
Lost = Callable[["Connection", int | None], None]


class Connection(asyncio.Protocol):
    """Tells `answered` of each answer's status, and `lost` when the server closes."""

    def __init__(self, answered: Answered, lost: Lost) -> None:
        self._answered, self._lost = answered, lost
        self._number: int | None = None
        self._due = 0.0
        self._head, self._body, self._needed = b"", bytearray(), -1
        self.answer = (b"", b"")
        self.closes = False  # whether the server takes no further request on it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so, and which request was under way."""
        number, self._number = self._number, None
        self._lost(self, number)

    def send(self, number: int, request: bytes, due: float) -> None:
        """Send one request; `due` is when it should have left."""
        self._number, self._due = number, due
        self._transport.write(request)

    def close(self) -> None:
        """Close it, without a word to anyone."""
        self._lost = ignore
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes until the answer is whole."""
        self._body += data
        if self._needed == -1 and not self._read_head():
            return
        if len(self._body) >= self._needed if self._needed >= 0 else self._body.endswith(b"0\r\n\r\n"):
            self._finish()

    def _read_head(self) -> bool:
        end = self._body.find(b"\r\n\r\n")
        if end < 0:
            return False
        self._head = bytes(self._body[:end]).lower()
        del self._body[: end + 4]
        _, found, rest = self._head.partition(b"\r\ncontent-length:")
        self._needed = int(rest.split(b"\r\n", 1)[0]) if found else -2
        return True

    def _finish(self) -> None:
        self.answer = (self._head, bytes(self._body))
        status, number, due = int(self._head[9:12]), self._number, self._due
        self.closes = b"\r\nconnection: close" in self._head
        self._number, self._head, self._body, self._needed = None, b"", bytearray(), -1
        if number is not None:
            self._answered(self, number, due, status)


def ignore(connection: Connection, number: int | None) -> None:
    """Do nothing."""
