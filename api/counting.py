"""Requests as metrics see them: the middleware that counts, and GET /metrics."""

import asyncio
from collections.abc import Collection
from http import HTTPStatus
from time import perf_counter

from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .accounts import outcome_of
from .door import Door
from .labels import Place, labels_of, place_of
from .metrics import Metrics
from .operation import Operation
from .report import work_of

HUNG_UP = 499  # nginx's word for it


class Counting:
    """Middleware: count and time each request, but not the probes and scrapes."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, ignored: Collection[Place]) -> None:
        self.app = app
        self.metrics = metrics
        self.ignored = ignored

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, then count."""
        if scope["type"] != "http" or place_of(scope) in self.ignored:
            return await self.app(scope, receive, send)
        status = HUNG_UP
        began = perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                work = work_of(scope)
                if work is not None:
                    work.written = perf_counter()
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            raise
        finally:
            self._count(scope, status, perf_counter() - began)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        labels, work, requests = labels_of(scope), work_of(scope), self.metrics.requests
        requests.finished(labels, str(int(status)), seconds)
        if not labels.accepted:
            return
        outcome = outcome_of(status, HUNG_UP)
        self.metrics.accounts.end(labels.model, outcome)
        if work is not None and outcome == "answered":
            requests.timed(labels.model, work.phases, work.encode)


async def metrics(door: Door, request: Request) -> Response:
    """Answer GET /metrics; in a thread, since every model adds some two milliseconds."""
    write, kind = choose_encoder(request.headers.get("accept", ""))
    return Response(await asyncio.to_thread(write, door.metrics.registry), headers={"content-type": kind})


METRICS = Operation(summary="Prometheus metrics.", handler=metrics, answer=None, needs_key=False)
