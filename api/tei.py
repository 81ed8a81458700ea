"""The dialect of Text Embeddings Inference: what its routes share, and how it reports errors."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

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
from vectord.scheduler import Truncation

from .body import Body, BrokenJson
from .failures import Failing
from .operation import Parameter


def lowered(value: Any) -> Any:
    """Return a word in lower case: clients write `Right` and `right`."""
    return value.lower() if isinstance(value, str) else value


AnyCaseSide = Annotated[Side, BeforeValidator(lowered)]


class TeiBody(Body):
    """What every route takes beside its inputs."""

    truncate: bool | None = None
    truncation_direction: AnyCaseSide | None = None
    model: str | None = None

    def truncation(self) -> Truncation:
        """Return what becomes of inputs over the limit."""
        return Truncation(self.truncate, self.truncation_direction)


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


def tei_body(error: RequestError, request_id: str) -> TeiError:
    """Return TEI's error object."""
    default: ErrorType = "Backend" if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "Validation"
    says = (word for kind, _, word in TEI_SAYS if isinstance(error, kind))
    return TeiError(error.message, next(says, default))


MODEL_PARAMETER = Parameter("x-vectord-model", "header", "The model, where the body names none.")
FAILING = Failing(TeiError, tei_status, tei_body)
ERRORS = (InvalidRequest, EmptyInput, TooLong, TooManyInputs, WrongTask, UnknownModel, Overloaded)
