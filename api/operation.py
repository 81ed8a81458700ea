"""What a route does, declared once: the router, the metrics and /openapi.json read it here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vectord.core import Task
from vectord.errors import RequestError

from .door import Door
from .failures import OPENAI, Failing
from .labels import OTHER, labels_of

Handler = Callable[[Door, Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A string that may stand in the query or in a header, beside the body."""

    name: str
    place: Literal["query", "header"]
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that a client can ask for.

    `body` and `answer` are the types of the request's and of a 200's body; no answer: it is text.
    `needs_key` is whether the route is guarded when the server has keys. Where bodies of several dialects
    come, `body` and `answer` are unions, and failures may be told in the words of `or_failing`.
    """

    summary: str
    handler: Handler
    answer: Any
    body: Any = None
    task: Task | None = None
    failing: Failing = OPENAI
    or_failing: Failing | None = None
    errors: tuple[type[RequestError], ...] = ()
    parameters: tuple[Parameter, ...] = ()
    needs_key: bool = True

    @property
    def failings(self) -> tuple[Failing, ...]:
        """The dialects in which it may fail."""
        return (self.failing,) if self.or_failing is None else (self.failing, self.or_failing)


@dataclass(frozen=True, slots=True)
class Listed:
    """An operation at its place."""

    method: str
    path: str
    operation: Operation

    @property
    def is_open(self) -> bool:
        """Whether anybody may ask, keys or not."""
        return not self.operation.needs_key

    def route(self, door: Door) -> Route:
        """Return what Starlette's router takes."""
        return Route(self.path, partial(handle, self.operation, door), methods=[self.method])


async def handle(operation: Operation, door: Door, request: Request) -> Response:
    """Answer one request."""
    labels_of(request.scope).task = operation.task or OTHER
    return await operation.handler(door, request)
