"""Ends that nobody foresaw: a bug is answered with 500, a request cut off by the drain with 503."""

import asyncio
import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vectord.errors import RequestError, Unavailable
from vectord.logs import describe

from .drain import Drain
from .failures import Failures
from .request_id import SCOPE_KEY

log = logging.getLogger(__name__)


class AnswerBrokenOff(Exception):
    """An answer failed half-way; the connection must close."""


class Faults:
    """Middleware: turn any other exception into an answer in the route's dialect.

    An unforeseen one is logged without a word of the request.
    """

    def __init__(self, app: ASGIApp, failures: Failures, drain: Drain) -> None:
        self.app = app
        self.failures = failures
        self.drain = drain

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
        except asyncio.CancelledError:
            if started or not self.drain.cut:
                raise
            cut_off = Unavailable("The server is shutting down and had no time left for this request.")
            await self.failures.render(scope, cut_off)(scope, receive, send)
        except Exception as error:
            log.error("request %s failed: %s", scope.get(SCOPE_KEY, "-"), describe(error))
            if started:
                raise AnswerBrokenOff from None
            failed = RequestError("The server failed on this request; its log has the cause.")
            await self.failures.render(scope, failed)(scope, receive, send)
