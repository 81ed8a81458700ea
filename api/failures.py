"""Every failure becomes an answer here: the status from the error's class, the shape from the route."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.responses import Response
from starlette.types import Scope

from vectord.errors import Overloaded, RequestError, Unavailable, UnknownCoding

from .encode import respond
from .inflate import CODINGS
from .labels import labels_of
from .request_id import SCOPE_KEY as REQUEST_ID

SPOKEN = "vectord.dialect"


@dataclass(frozen=True, slots=True)
class ErrorObject:
    """What went wrong, as OpenAI says it."""

    message: str
    type: str
    param: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class OpenAIFailure:
    """OpenAI's wrapper around its error object.

    The clients of Cohere read `message` at the top, those of Voyage and LangChain's JinaRerank `detail`.
    """

    error: ErrorObject
    message: str
    detail: str


@dataclass(frozen=True, slots=True)
class CohereFailure:
    """What went wrong, as Cohere says it; `id` is the request's."""

    id: str
    message: str


@dataclass(frozen=True, slots=True)
class Failing:
    """How a dialect says that a request failed: its shape, and status and body for an error.

    `body` takes the request's id too.
    """

    shape: type
    status: Callable[[RequestError], HTTPStatus]
    body: Callable[[RequestError, str], object]


def openai_body(error: RequestError, request_id: str) -> OpenAIFailure:
    """Return OpenAI's error object."""
    told = ErrorObject(error.message, error.kind, error.param, error.code)
    return OpenAIFailure(told, error.message, error.message)


def cohere_body(error: RequestError, request_id: str) -> CohereFailure:
    """Return Cohere's error object."""
    return CohereFailure(request_id, error.message)


OPENAI = Failing(OpenAIFailure, lambda error: error.status, openai_body)
COHERE = Failing(CohereFailure, lambda error: error.status, cohere_body)


def speaks(scope: Scope, failing: Failing) -> None:
    """Let this request's failures be rendered so: its body has told the dialects of its path apart."""
    scope[SPOKEN] = failing


class Failures:
    """Renders an error in the dialect of the route it happened on, or that its handler found spoken.

    On unknown routes it is OpenAI's, on those below /v2/ Cohere's.
    """

    def __init__(self, by_path: Mapping[str, Failing]) -> None:
        self._by_path = by_path

    def render(self, scope: Scope, error: RequestError, headers: Mapping[str, str] | None = None) -> Response:
        """Return the answer that tells the client."""
        labels_of(scope).reason = error.reason
        failing = self.of(scope)
        body = failing.body(error, scope.get(REQUEST_ID, ""))
        return respond(body, status=failing.status(error), headers={**(headers or {}), **advice(error)})

    def of(self, scope: Scope) -> Failing:
        """Return the dialect of a request's failures."""
        path: str = scope["path"]
        spoken: Failing | None = scope.get(SPOKEN) or self._by_path.get(path)
        return spoken or (COHERE if path.startswith("/v2/") else OPENAI)


def advice(error: RequestError) -> dict[str, str]:
    """Return the header that says when to try again, or how, where that may help."""
    match error:
        case Overloaded():
            return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
        case Unavailable():
            return {"Retry-After": "1"}
        case UnknownCoding():
            return {"Accept-Encoding": ", ".join(CODINGS)}  # RFC 7694
        case _:
            return {}
