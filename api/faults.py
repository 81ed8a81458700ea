"""Exceptions that nobody foresaw: logged without a word of the request, answered with 500."""

import logging
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vectord.errors import RequestError

from .failures import Failures
from .request_id import SCOPE_KEY

log = logging.getLogger(__name__)


class AnswerBrokenOff(Exception):
    """An answer failed half-way; the connection must close."""


class Faults:
    """Middleware: turn any other exception into an answer in the route's dialect."""

    def __init__(self, app: ASGIApp, failures: Failures) -> None:
        self.app = app
        self.failures = failures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and answer what goes wrong."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            log.error("request %s failed: %s", scope.get(SCOPE_KEY, "-"), describe(error))
            if started:
                raise AnswerBrokenOff from None
            failed = RequestError("The server failed on this request; its log has the cause.")
            await self.failures.render(scope, failed)(scope, receive, send)


def describe(error: BaseException) -> str:
    """Return type and stack of an exception and of its causes, without their texts.

    The text of a foreign exception may quote what the user sent.
    """
    parts = []
    cause: BaseException | None = error
    while cause is not None:
        frames = "".join(traceback.format_list(traceback.extract_tb(cause.__traceback__)))
        parts.append(f"{type(cause).__module__}.{type(cause).__qualname__}\n{frames}")
        cause = cause.__cause__ or cause.__context__
    return "caused by ".join(parts)
