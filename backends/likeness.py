"""How near the answers of a model in 8 bits come to those in float32."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vectord.core import ModelCard, Output

MEAN, WORST, RANK = 0.99, 0.97, 0.98

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a comparison, and what it must reach."""

    name: str
    value: float
    least: float

    @property
    def enough(self) -> bool:
        """Whether it is reached; NaN never is."""
        return self.value >= self.least

    def __str__(self) -> str:
        return f"{self.name} {self.value:.5f} (at least {self.least:g})"


def compared(
    card: ModelCard, output: Output, wanted: Sequence[Vector], given: Sequence[Vector]
) -> Iterator[Figure]:
    """Yield the figures of one output: of ranks where it scores pairs, else of cosines."""
    if output == "logits" and is_ranker(card):
        scores = (np.array([score(one) for one in rows]) for rows in (wanted, given))
        yield Figure("rank correlation", rank_correlation(*scores), RANK)
        return
    rows = ((scored(card, output, row) for row in one) for one in (wanted, given))
    cosines = [cosine(one, other) for one, other in zip(*rows, strict=True)]
    yield Figure(f"{output}: mean cosine", float(np.mean(cosines)), MEAN)
    yield Figure(f"{output}: worst cosine", float(np.min(cosines)), WORST)


def is_ranker(card: ModelCard) -> bool:
    """Whether the native output scores pairs."""
    return card.head.output == "logits" and (card.pair_prompt is not None or card.width == 1)


def scored(card: ModelCard, output: Output, row: Vector) -> Vector:
    """Return what clients get of a text's answer: of logits the labels' scores, else the answer."""
    if output not in ("logits", "token_logits") or card.scoring == "identity":
        return row
    if card.scoring == "sigmoid":
        return np.asarray(0.5 * (1 + np.tanh(0.5 * row)))
    rows = row.reshape(-1, card.width)
    likely = np.exp(rows - rows.max(axis=1, keepdims=True))
    return np.asarray(likely / likely.sum(axis=1, keepdims=True)).ravel()


def score(logits: Vector) -> float:
    """Return a pair's score: its one logit, or how much likelier yes is than no."""
    return float(logits[-1] - logits[0] if len(logits) > 1 else logits[0])


def cosine(one: Vector, other: Vector) -> float:
    """Return the cosine of two vectors; of two that are zero, 1."""
    sizes = float(np.linalg.norm(one)) * float(np.linalg.norm(other))
    return float(one @ other) / sizes if sizes else float(np.array_equal(one, other))


def rank_correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return Spearman's correlation: that of the ranks, equal scores sharing the mean of theirs."""
    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each score's place in their order."""
    _, group, sizes = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(sizes)
    return (last - (sizes - 1) / 2)[group]
