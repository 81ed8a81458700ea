"""What the engine answers: one class for each task.

Every answer carries the name of its `model`, how many `tokens` were run, and how many inputs were cut
to fit (`truncated`). Answers are in the asked order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .entities import Entity
from .pieces import Sparse

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Embeddings:
    """`vectors` is (inputs, width)."""

    model: str
    vectors: Array
    tokens: int
    truncated: int


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """`vectors` holds (tokens, width) for each input."""

    model: str
    vectors: Sequence[Array]
    tokens: int
    truncated: int


@dataclass(frozen=True, slots=True)
class SparseVectors:
    """`vectors` holds each input's weights by token id."""

    model: str
    vectors: Sequence[Sparse]
    tokens: int
    truncated: int


@dataclass(frozen=True, slots=True)
class Representations:
    """Several kinds of vectors from one pass; a kind that was not asked for is None."""

    model: str
    dense: Array | None
    sparse: Sequence[Sparse] | None
    token_vectors: Sequence[Array] | None
    tokens: int
    truncated: int


@dataclass(frozen=True, slots=True)
class Scores:
    """`scores` is (documents,)."""

    model: str
    scores: Array
    tokens: int
    truncated: int


@dataclass(frozen=True, slots=True)
class Classes:
    """`scores` is (inputs, labels)."""

    model: str
    labels: tuple[str, ...]
    scores: Array
    tokens: int
    truncated: int


@dataclass(frozen=True, slots=True)
class Entities:
    """`found` holds the entities of each input."""

    model: str
    found: Sequence[Sequence[Entity]]
    tokens: int
    truncated: int
