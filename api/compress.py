"""Compressed answers, for operators who pay for bytes: large ones alone, and off the event loop."""

import asyncio
import gzip
import re
from collections.abc import Callable, Iterable
from typing import Literal

from backports import zstd
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .offload import LARGE

Word = Literal["gzip", "zstd"]
# the least levels: floats hold little that more work would find
COMPRESS: dict[Word, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 1, mtime=0),
    "zstd": lambda data: zstd.compress(data, 1),
}
WEIGHT = re.compile(r"q=(0(\.\d{0,3})?|1(\.0{0,3})?)", re.IGNORECASE)


class Compressing:
    """Middleware: compress answers above 64 KB for clients that take the coding."""

    def __init__(self, app: ASGIApp, coding: Word) -> None:
        self.app = app
        self.coding = coding

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and compress what comes back."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        sent = (value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-encoding")
        await self.app(scope, receive, Sending(send, self.coding, accepts(",".join(sent), self.coding)).send)


class Sending:
    """One answer on its way: the head waits until it is known what becomes of the body."""

    def __init__(self, send: Send, coding: Word, wanted: bool) -> None:
        self._send = send
        self._coding = coding
        self._wanted = wanted
        self._head: Message | None = None

    async def send(self, message: Message) -> None:
        """Take the next message of the answer."""
        if message["type"] == "http.response.start":
            self._head = message
            return
        head, self._head = self._head, None
        if head is not None:
            is_whole = not message.get("more_body", False)
            if is_whole and len(message.get("body", b"")) > LARGE:
                message = await self._large(head, message)
            await self._send(head)
        await self._send(message)

    async def _large(self, head: Message, message: Message) -> Message:
        headers = MutableHeaders(raw=head["headers"])
        headers.add_vary_header("Accept-Encoding")
        if not self._wanted or "content-encoding" in headers:
            return message
        body = await asyncio.to_thread(COMPRESS[self._coding], message["body"])
        headers["content-encoding"] = self._coding
        headers["content-length"] = str(len(body))
        return {**message, "body": body}


def accepts(header: str, coding: Word) -> bool:
    """Whether an Accept-Encoding takes the coding, and not rather none (RFC 9110, 12.5.3)."""
    weights = dict(map(weighed, filter(str.strip, header.split(","))))
    weight = weights.get(coding, weights.get("*", 0.0))
    return weight > 0 and weight >= weights.get("identity", 0.0)


def weighed(part: str) -> tuple[str, float]:
    """Return the coding that a part of an Accept-Encoding names, and its weight; 0 if that makes no sense."""
    name, *parameters = (one.strip() for one in part.split(";"))
    return name.lower().removeprefix("x-"), least(parameters)


def least(parameters: Iterable[str]) -> float:
    """Return the weight that the parameters give, 1 without any."""
    found = [WEIGHT.fullmatch(one) for one in parameters]
    return min((float(one[1]) if one else 0.0 for one in found), default=1.0)
