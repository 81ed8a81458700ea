"""Answers that are ready before the request has been read.

A server that closes a socket with unread bytes in it resets the connection, and the client loses the
answer (a 401 or a 413) that it was about to read. So the answer goes out at once, the rest of the
request is read and thrown away within limits, and only then does the exchange end (RFC 9112, 9.6).
"""

import asyncio
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64_000_000
MOST_SECONDS = 2.0


class Lingering:
    """Middleware: end no exchange before its request was read, or a limit met."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and hold back the end of the answer."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        incoming = Incoming(receive)

        async def lingering(message: Message) -> None:
            last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not last or incoming.ended:
                return await send(message)
            await send({**message, "more_body": True})
            await incoming.discard()
            await finish(incoming, send)

        await self.app(scope, incoming.receive, lingering)


class Incoming:
    """The request's body as it arrives; `ended` once all of it was taken, or the client left."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def receive(self) -> Message:
        """Take the next message."""
        message = await self._receive()
        if not message.get("more_body", False):  # nor has a disconnect any more
            self.ended = True
        return message

    async def discard(self) -> None:
        """Throw away what still arrives, within the limits."""
        left = MOST_BYTES
        with suppress(TimeoutError):
            async with asyncio.timeout(MOST_SECONDS):
                while not self.ended and left > 0:
                    left -= len((await self.receive()).get("body", b""))


async def finish(incoming: Incoming, send: Send) -> None:
    """End the exchange."""
    ending = send({"type": "http.response.body", "body": b"", "more_body": False})
    if incoming.ended:
        return await ending
    # Hypercorn hands the disconnect over through the queue that the unread body fills: it must flow.
    await asyncio.gather(ending, until_disconnect(incoming))


async def until_disconnect(incoming: Incoming) -> None:
    """Throw away messages up to the disconnect that follows the end of every exchange."""
    while (await incoming.receive())["type"] != "http.disconnect":
        pass
