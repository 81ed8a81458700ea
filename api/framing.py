"""How an HTTP/1.1 answer is written: its head, and what tells where its body ends (RFC 9112, 6.3)."""

from collections.abc import Iterable
from functools import cache
from http import HTTPStatus
from itertools import chain

Headers = Iterable[tuple[bytes, bytes]]
BARE = frozenset((HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED))
LAST_CHUNK = b"0\r\n\r\n"


class Framing:
    """Writes one answer; `closes`: the connection must end after it. `standing`: headers of every answer."""

    def __init__(self, method: str, version: str, keeps_alive: bool, standing: Headers = ()) -> None:
        self.closes = not keeps_alive
        self._standing = standing
        self._is_old = version != "1.1"
        self._is_bare = method == "HEAD"
        self._is_chunked = False
        self._due: int | None = None  # bytes of the body, None where nothing says how many

    def head(self, status: int, headers: Headers) -> bytes:
        """Return the answer's head. Raises `ValueError` for a header that holds more than one line."""
        lines = [status_line(status)]
        for name, value in chain(headers, self._standing):
            if name == b"content-length":
                self._due = int(value)
            elif name == b"connection":
                self.closes = self.closes or value == b"close"
                continue
            lines.append(b"%b: %b\r\n" % (name, value))
        self._is_bare = self._is_bare or status in BARE
        lines += self._framing()
        head = b"".join(lines)
        if not head.count(b"\r") == head.count(b"\n") == len(lines) or b"\0" in head:
            raise ValueError("a header holds more than one line")
        return head + b"\r\n"

    def _framing(self) -> list[bytes]:
        """Return the headers that say where the body ends, and what becomes of the connection."""
        lines = []
        if self._due is None and not self._is_bare:
            self._is_chunked = not self._is_old
            self.closes = self.closes or self._is_old
            if self._is_chunked:
                lines.append(b"transfer-encoding: chunked\r\n")
        if self.closes:
            lines.append(b"connection: close\r\n")
        elif self._is_old:
            lines.append(b"connection: keep-alive\r\n")
        return lines

    def body(self, data: bytes, last: bool) -> bytes:
        """Return a part of the body as it is sent.

        A body of another length than was said ends the connection.
        """
        if self._is_bare:
            return b""
        if self._is_chunked:
            return (b"%x\r\n%b\r\n" % (len(data), data) if data else b"") + (LAST_CHUNK if last else b"")
        if self._due is not None:
            data = data[: self._due] if len(data) > self._due else data
            self._due -= len(data)
            self.closes = self.closes or (last and self._due > 0)
        return data


@cache
def status_line(status: int) -> bytes:
    """Return an answer's first line."""
    known = status in HTTPStatus.__members__.values()
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase if known else ''}\r\n".encode()
