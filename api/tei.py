"""The dialect of Text Embeddings Inference: POST /embed, with TEI's errors."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

import orjson
from pydantic import BeforeValidator
from starlette.requests import Request
from starlette.responses import Response

from vectord.core import Side
from vectord.errors import (
    BackendFailed,
    EmptyInput,
    InvalidRequest,
    Overloaded,
    RequestError,
    TooLong,
    TooManyInputs,
    Unavailable,
    UnknownModel,
    WrongTask,
)
from vectord.scheduler import Embeddings

from .body import Body, BrokenJson
from .door import Door
from .encode import Vector, encode, respond, truncated_header
from .failures import Failing
from .inputs import Inputs
from .offload import offload
from .operation import Operation


def lowered(value: Any) -> Any:
    """Return a word in lower case: clients write `Right` and `right`."""
    return value.lower() if isinstance(value, str) else value


AnyCaseSide = Annotated[Side, BeforeValidator(lowered)]


class EmbedRequest(Body):
    """What to embed; `dimensions` is judged by the engine, which knows the model."""

    inputs: Inputs
    truncate: bool | None = None
    truncation_direction: AnyCaseSide | None = None
    prompt_name: str | None = None
    normalize: bool | None = None
    dimensions: int | None = None
    model: str | None = None


async def embed(door: Door, request: Request) -> Response:
    """Answer POST /embed."""
    asked = await door.parse(request, EmbedRequest)
    door.check_count(len(asked.inputs), "inputs")
    found = await door.ask(
        request,
        "embed",
        asked.model,
        lambda model: door.engine.embed(
            asked.inputs,
            model=model,
            dimensions=asked.dimensions,
            normalize=asked.normalize is not False,
            prompt_name=asked.prompt_name,
            truncate=asked.truncate,
            truncation_side=asked.truncation_direction,
        ),
    )
    body = await offload(found.vectors.nbytes, written, found)
    return respond(body, headers=truncated_header(found.truncated))


def written(found: Embeddings) -> bytes:
    """Return the answer's JSON: a bare list of vectors, even for one text."""
    return encode([orjson.Fragment(encode(row)) for row in found.vectors])


ErrorType = Literal["Unhealthy", "Backend", "Overloaded", "Validation", "Empty"]


@dataclass(frozen=True, slots=True)
class TeiError:
    """What went wrong, as TEI says it."""

    error: str
    error_type: ErrorType


# The first class that fits. TEI refuses what it understood with 422, and says 424 for a model that
# cannot do the task or that failed; its clients expect just that.
TEI_SAYS: tuple[tuple[type[RequestError], HTTPStatus | None, ErrorType], ...] = (
    (EmptyInput, HTTPStatus.BAD_REQUEST, "Empty"),
    (BrokenJson, HTTPStatus.BAD_REQUEST, "Validation"),
    (WrongTask, HTTPStatus.FAILED_DEPENDENCY, "Backend"),
    (InvalidRequest, HTTPStatus.UNPROCESSABLE_ENTITY, "Validation"),
    (Overloaded, None, "Overloaded"),
    (Unavailable, None, "Unhealthy"),
    (BackendFailed, HTTPStatus.FAILED_DEPENDENCY, "Backend"),
)


def tei_status(error: RequestError) -> HTTPStatus:
    """Return TEI's status for an error."""
    says = (status for kind, status, _ in TEI_SAYS if isinstance(error, kind))
    return next(says, None) or error.status


def tei_body(error: RequestError) -> TeiError:
    """Return TEI's error object."""
    default: ErrorType = "Backend" if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "Validation"
    says = (word for kind, _, word in TEI_SAYS if isinstance(error, kind))
    return TeiError(error.message, next(says, default))


EMBED = Operation(
    summary="Embed texts or token ids; a bare list of vectors.",
    handler=embed,
    body=EmbedRequest,
    answer=list[Vector],
    task="embed",
    failing=Failing(TeiError, tei_status, tei_body),
    errors=(InvalidRequest, EmptyInput, TooLong, TooManyInputs, WrongTask, UnknownModel, Overloaded),
)
