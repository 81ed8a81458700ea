"""Large answers leave in slices, between which the event loop serves others."""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SLICE = 1 << 20  # bytes; to copy and to send so many takes about a millisecond


class Slicing:
    """Middleware: send a body of tens of megabytes piece by piece.

    Each layer below that copies it would hold up the loop for as long as it takes, and so would the kernel.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and slice what comes back."""

        async def sliced(message: Message) -> None:
            body = message.get("body")
            if body is None or len(body) <= SLICE:
                return await send(message)
            for start in range(0, len(body), SLICE):
                more = start + SLICE < len(body) or message.get("more_body", False)
                await send({**message, "body": body[start : start + SLICE], "more_body": more})
                await asyncio.sleep(0)

        await self.app(scope, receive, sliced)
