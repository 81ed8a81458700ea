"""What POST /pooling answers: numbers in the shape that was asked for, for each input."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import WithJsonSchema

from vectord.scheduler import Answer, Kind, Representations, Sparse

from .encode import MATRIX, VECTOR, Form, encode, vector
from .openai import Usage
from .tei_vectors import weights

Row = NDArray[np.float32] | Sparse


WEIGHTS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"index": {"type": "integer"}, "value": {"type": "number"}},
        "required": ["index", "value"],
    },
}
SEVERAL = {
    "description": "The kinds of vectors that `outputs` named.",
    "type": "object",
    "properties": {"dense": VECTOR, "sparse": WEIGHTS, "token_vectors": MATRIX},
}
DATA = {
    "description": "A vector, a vector for each token, weights, scores of labels, or several kinds by name.",
    "anyOf": [VECTOR, MATRIX, WEIGHTS, SEVERAL],
}
Data = Annotated[Any, WithJsonSchema(DATA)]


@dataclass(frozen=True, slots=True)
class PooledInput:
    """What one input gives: numbers, rows of them for each token, weights, or several kinds by name."""

    index: int
    data: Data
    object: str = "pooling"


@dataclass(frozen=True, slots=True)
class PooledList:
    """What the inputs give, in their order."""

    id: str
    created: int
    model: str
    data: list[PooledInput]
    usage: Usage
    object: str = "list"


@dataclass(frozen=True, slots=True)
class Pooled(Answer):
    """What every input gives, under the name of each kind.

    `bare`: the only kind stands without its name.
    """

    kinds: Mapping[str, Sequence[Row]]
    bare: bool = True

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return sum(size_of(row) for rows in self.kinds.values() for row in rows)

    def of_input(self, index: int, form: Form) -> Any:
        """Return what one input gives, as it stands in an answer."""
        shown = {kind: shown_as(rows[index], form) for kind, rows in self.kinds.items()}
        return next(iter(shown.values())) if self.bare else shown


def represented(found: Representations, kinds: Sequence[Kind], *, bare: bool) -> Pooled:
    """Return kinds of vectors from one pass."""
    given: dict[Kind, Sequence[Row] | None] = {
        "dense": None if found.dense is None else list(found.dense),
        "sparse": found.sparse,
        "token_vectors": found.token_vectors,
    }
    return Pooled(found.model, found.usage, {kind: given[kind] or () for kind in kinds}, bare)


def size_of(row: Row) -> int:
    """Return the bytes of an input's numbers."""
    return row.values.nbytes if isinstance(row, Sparse) else row.nbytes


def shown_as(row: Row, form: Form) -> Any:
    """Return an input's numbers as they stand in an answer; weights are never base64."""
    return weights(row) if isinstance(row, Sparse) else vector(row, form)


def written(found: Pooled, form: Form) -> bytes:
    """Return the answer's JSON."""
    # Row by row: a thread that encodes all at once would hold the interpreter, and so the event loop.
    count = len(next(iter(found.kinds.values())))
    rows: list[Any] = [
        orjson.Fragment(encode(PooledInput(index, found.of_input(index, form)))) for index in range(count)
    ]
    usage = Usage(found.tokens, found.tokens, found.truncated)
    return encode(PooledList(f"pool-{uuid4().hex}", int(time.time()), found.model, rows, usage))
