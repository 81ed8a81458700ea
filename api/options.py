"""What clients say of truncation and prompts beside their inputs, in the words of every dialect."""

from typing import Annotated, Any

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError

from vectord.core import Side
from vectord.errors import (
    EmptyInput,
    InvalidRequest,
    Overloaded,
    TooLong,
    TooManyInputs,
    TooManyTokens,
    UnknownModel,
    WrongTask,
)
from vectord.scheduler import Prompt, Truncation

from .body import Body
from .inputs import NULL, schema
from .tei import AnyCaseSide

# what may go wrong where vectors are asked for
ERRORS = (
    InvalidRequest,
    EmptyInput,
    TooLong,
    TooManyInputs,
    TooManyTokens,
    WrongTask,
    UnknownModel,
    Overloaded,
)
# Cohere names what is discarded
CUTS: dict[str, Truncation] = {
    "NONE": Truncation(allowed=False),
    "START": Truncation(allowed=True, side="left"),
    "END": Truncation(allowed=True, side="right"),
}


def cut_of(value: Any) -> Truncation | None:
    """Return what `truncate` says: whether inputs may be cut, or the end that they may lose."""
    if value is None:
        return None
    if isinstance(value, bool):
        return Truncation(allowed=value)
    if isinstance(value, str) and value.upper() in CUTS:
        return CUTS[value.upper()]
    raise PydanticCustomError("truncate", "must be true, false, NONE, START or END")


Cut = Annotated[
    Truncation | None,
    PlainValidator(cut_of),
    schema(({"type": "boolean"}, {"type": "string", "enum": list(CUTS)}, NULL)),
]


def limit_of(value: Any) -> int | None:
    """Return a limit in tokens; null and -1 mean the model's."""
    if value is None or (type(value) is int and value == -1):
        return None
    if type(value) is not int or value < 1:
        raise PydanticCustomError("limit", "must be a whole number from 1, or -1 for the model's limit")
    return value


Limit = Annotated[
    int | None,
    PlainValidator(limit_of),
    schema(({"type": "integer", "minimum": 1}, {"type": "integer", "const": -1}, NULL)),
]


def size_of(value: Any) -> int | None:
    """Return a number of dimensions, which the engine judges; null means all."""
    if value is not None and type(value) is not int:
        raise PydanticCustomError("int_type", "must be a whole number")
    return value


Size = Annotated[int | None, PlainValidator(size_of), schema(({"type": "integer", "minimum": 1}, NULL))]


class Truncated(Body):
    """What becomes of inputs over a limit: Cohere's and Jina's word, Voyage's, and vLLM's."""

    truncate: Cut = None
    truncation: bool | None = None
    truncate_prompt_tokens: Limit = None
    truncation_side: AnyCaseSide | None = None
    truncation_direction: AnyCaseSide | None = None

    def truncated(self) -> Truncation:
        """Return it in the engine's terms."""
        cut = self.truncate or Truncation(self.truncation)
        side: Side | None = first(cut.side, self.truncation_side, self.truncation_direction)
        return limited(Truncation(cut.allowed, side), self.truncate_prompt_tokens)


def limited(cut: Truncation, tokens: int | None) -> Truncation:
    """Return a truncation with the request's own limit, to which inputs are cut unless that is forbidden."""
    return cut if tokens is None else Truncation(cut.allowed is not False, cut.side, tokens)


class Prompted(Body):
    """What stands before inputs: a text, a prompt's name, Jina's task, or Voyage's and Cohere's type."""

    prompt: str | None = None
    prompt_name: str | None = None
    task: str | None = None
    input_type: str | None = None

    def prompted(self) -> Prompt:
        """Return it in the engine's terms."""
        return Prompt(text=self.prompt, name=self.prompt_name, task=self.task, input_type=self.input_type)


def first(*values: Any) -> Any:
    """Return the first that is not None."""
    return next((value for value in values if value is not None), None)
