"""`x-request-id` on every answer: the client's own where it sent a sane one."""

import re
from random import Random, SystemRandom

from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = b"x-request-id"
SANE = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
# not the system's for each name: that is a call which lets go of the interpreter
NAMES = Random(SystemRandom().getrandbits(256))
SCOPE_KEY = "vectord.request_id"


class RequestId:
    """Middleware: name each request, and say the name in its answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, named."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        name = request_id(scope["headers"])
        scope[SCOPE_KEY] = name.decode()

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (HEADER, name)]}
            await send(message)

        await self.app(scope, receive, named)


def request_id(headers: list[tuple[bytes, bytes]]) -> bytes:
    """Return the client's name for the request, or a new one."""
    for key, value in headers:
        if key == HEADER and SANE.fullmatch(value):
            return value
    return b"%032x" % NAMES.getrandbits(128)
