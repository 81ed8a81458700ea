"""What the engine answers: one class for each task.

Answers are in the asked order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .entities import Entity
from .pieces import Sparse
from .precision import Precision, converted
from .usage import Usage

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Answer:
    """What every answer carries: the name of the model that gave it, and what it cost."""

    model: str
    usage: Usage

    @property
    def tokens(self) -> int:
        """How many tokens were run."""
        return self.usage.tokens

    @property
    def truncated(self) -> int:
        """How many inputs were cut."""
        return self.usage.truncated


@dataclass(frozen=True, slots=True)
class Embeddings(Answer):
    """`vectors` is (inputs, width); `scale` the step of 8 bits where they were asked for."""

    vectors: Array
    scale: float | None = None

    def converted(self, precision: Precision) -> NDArray[Any]:
        """Return the vectors in a precision that was asked for (see `scheduler.precision`)."""
        return converted(self.vectors, precision, self.scale)


@dataclass(frozen=True, slots=True)
class TokenVectors(Answer):
    """`vectors` holds (tokens, width) for each input."""

    vectors: Sequence[Array]


@dataclass(frozen=True, slots=True)
class SparseVectors(Answer):
    """`vectors` holds each input's weights by token id."""

    vectors: Sequence[Sparse]


@dataclass(frozen=True, slots=True)
class Representations(Answer):
    """Several kinds of vectors from one pass; a kind that was not asked for is None."""

    dense: Array | None
    sparse: Sequence[Sparse] | None
    token_vectors: Sequence[Array] | None


@dataclass(frozen=True, slots=True)
class Scores(Answer):
    """`scores` is (documents,)."""

    scores: Array


@dataclass(frozen=True, slots=True)
class Classes(Answer):
    """`scores` is (inputs, labels)."""

    labels: tuple[str, ...]
    scores: Array


@dataclass(frozen=True, slots=True)
class Entities(Answer):
    """`found` holds the entities of each input."""

    found: Sequence[Sequence[Entity]]
