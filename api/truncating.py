"""What requests say of inputs over a limit, in the words of Cohere, Jina, Voyage, vLLM and TEI."""

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from vectord.core import Side
from vectord.scheduler import Truncation

from .body import Body
from .inputs import schema
from .tei import AnyCaseSide, lowered

Tokens = Annotated[int, Field(ge=0)]
WORDS = ("none", "start", "end")
COHERE_SIDES: dict[str, Side] = {"start": "left", "end": "right"}
MODEL_LIMIT = -1


def truncate_of(value: Any) -> Any:
    """Return whether inputs may be cut, or Cohere's word in lower case."""
    value = lowered(value)
    if isinstance(value, bool) or (isinstance(value, str) and value in WORDS):
        return value
    raise PydanticCustomError("truncate", "must be true, false, 'NONE', 'START' or 'END'")


def limit_of(tokens: int) -> int:
    """Return a limit that an input can keep to."""
    if tokens < 1 and tokens != MODEL_LIMIT:
        raise PydanticCustomError("limit", "must be at least 1, or -1 for the model's own limit")
    return tokens


LIMIT = WithJsonSchema({"type": "integer", "anyOf": [{"const": MODEL_LIMIT}, {"minimum": 1}]})
Truncate = Annotated[
    bool | Literal["none", "start", "end"],
    PlainValidator(truncate_of),
    schema(({"type": "boolean"}, {"enum": ["NONE", "START", "END"]})),
]


class Truncating(Body):
    """`truncate` is true, false, or Cohere's word for the side that is lost.

    `truncate_prompt_tokens` is a limit below the model's, special tokens included; -1 is the model's own.
    """

    truncate: Truncate | None = None
    truncation: bool | None = None
    truncation_direction: AnyCaseSide | None = None
    truncation_side: AnyCaseSide | None = None
    truncate_prompt_tokens: Annotated[int, AfterValidator(limit_of), LIMIT] | None = None

    def cutting(self) -> Truncation:
        """Return what becomes of inputs over the limit; a request that names its own limit may cut."""
        word, tokens = self.truncate, self.truncate_prompt_tokens
        allowed = word != "none" if isinstance(word, str) else word
        if allowed is None:
            allowed = self.truncation
        if allowed is None and tokens is not None:
            allowed = True
        side = self.truncation_direction or self.truncation_side
        if side is None and isinstance(word, str):
            side = COHERE_SIDES.get(word)
        return Truncation(allowed, side, None if tokens == MODEL_LIMIT else tokens)


class Comparing(Truncating):
    """What requests that compare a query with documents say beside them.

    `max_tokens_per_query` and `max_tokens_per_doc` are left of each query and document before they are put
    together; null and 0 mean no such limit. `raw_scores`, or `use_activation` false, leaves scores as the
    model gives them. `instruction` takes the place of a language model's own.
    """

    model: str | None = None
    raw_scores: bool | None = None
    use_activation: bool | None = None
    instruction: str | None = None
    max_tokens_per_query: Tokens | None = None
    max_tokens_per_doc: Tokens | None = None

    def raw(self) -> bool:
        """Return whether scores stay as the model gives them."""
        return bool(self.raw_scores) or self.use_activation is False

    def limits(self) -> Truncation:
        """Return what becomes of what is too long."""
        queries, documents = self.max_tokens_per_query or None, self.max_tokens_per_doc or None
        return replace(self.cutting(), query_tokens=queries, document_tokens=documents)
