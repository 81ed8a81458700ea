"""Every failure becomes an answer here: the status from the error's class, the shape from the route."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from vectord.errors import Overloaded, RequestError, Unavailable, UnknownRoute, WrongMethod

from .encode import respond


@dataclass(frozen=True, slots=True)
class ErrorObject:
    """What went wrong, as OpenAI says it."""

    message: str
    type: str
    param: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class OpenAIFailure:
    """OpenAI's wrapper around its error object."""

    error: ErrorObject


@dataclass(frozen=True, slots=True)
class Failing:
    """How a dialect says that a request failed: its shape, and status and body for an error."""

    shape: type
    status: Callable[[RequestError], HTTPStatus]
    body: Callable[[RequestError], object]


def openai_body(error: RequestError) -> OpenAIFailure:
    """Return OpenAI's error object."""
    return OpenAIFailure(ErrorObject(error.message, error.kind, error.param, error.code))


OPENAI = Failing(OpenAIFailure, lambda error: error.status, openai_body)


class Failures:
    """Renders an error in the dialect of the route it happened on; OpenAI's on unknown routes."""

    def __init__(self, by_path: Mapping[str, Failing]) -> None:
        self._by_path = by_path

    def render(self, scope: Scope, error: RequestError, headers: Mapping[str, str] | None = None) -> Response:
        """Return the answer that tells the client."""
        failing = self._by_path.get(scope["path"], OPENAI)
        return respond(
            failing.body(error), status=failing.status(error), headers={**(headers or {}), **waiting(error)}
        )

    async def request_error(self, request: Request, error: Exception) -> Response:
        """Starlette's handler for the exception tree."""
        assert isinstance(error, RequestError)
        return self.render(request.scope, error)

    async def http_exception(self, request: Request, error: Exception) -> Response:
        """Starlette's handler for what its router raises."""
        assert isinstance(error, HTTPException)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
            wrong = WrongMethod(f"This route takes {allowed}.")
            return self.render(request.scope, wrong, {"Allow": allowed})
        return self.render(request.scope, UnknownRoute("No such route; GET /openapi.json lists them all."))


def waiting(error: RequestError) -> dict[str, str]:
    """Return the header that says when to try again, where that may help."""
    if isinstance(error, Overloaded):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    return {"Retry-After": "1"} if isinstance(error, Unavailable) else {}
