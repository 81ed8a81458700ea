"""Token scores to entities, by the rules of transformers' token classification pipeline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from vectord.core import Token

Aggregation = Literal["none", "simple", "first", "average", "max"]
OUTSIDE = "O"
Array = NDArray[np.float32]
Join = Callable[[list[str]], str]


@dataclass(frozen=True, slots=True)
class Entity:
    """Characters `start` to `end` of a text under a label.

    `row` is the token's place in the encoding, None where several tokens were put together.
    """

    label: str
    score: float
    word: str
    start: int
    end: int
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A token or a word with one label, on the way to an entity."""

    label: str
    score: float
    tokens: tuple[Token, ...]


def entities(
    tokens: Sequence[Token], scores: Array, labels: Sequence[str], aggregation: Aggregation, join: Join
) -> list[Entity]:
    """Return what is not outside of every entity; `scores` is (tokens, labels), rows as `tokens`.

    none: each token for itself. simple: neighbours of one label together. first, average, max: the
    tokens of a word agree first, on the first one's scores, their mean, or the most certain one's.
    """
    if aggregation == "none":
        pieces = tokens_alone(tokens, scores, labels)
        found = [single(one) for one in pieces]
    elif aggregation == "simple":
        found = [together(group, join) for group in groups(tokens_alone(tokens, scores, labels))]
    else:
        found = [together(group, join) for group in groups(words(tokens, scores, labels, aggregation))]
    return [one for one in found if one.label != OUTSIDE]


def tokens_alone(tokens: Sequence[Token], scores: Array, labels: Sequence[str]) -> list[Piece]:
    """Return each token under its best label."""
    best = scores.argmax(axis=1)
    return [
        Piece(labels[index], float(row[index]), (token,))
        for token, index, row in zip(tokens, best.tolist(), scores, strict=True)
    ]


def words(
    tokens: Sequence[Token], scores: Array, labels: Sequence[str], aggregation: Aggregation
) -> list[Piece]:
    """Return each word under the label that its tokens agree on."""
    starts = [index for index, token in enumerate(tokens) if index == 0 or not token.continues]
    found = []
    for start, end in pairwise([*starts, len(tokens)]):
        agreed = agree(scores[start:end], aggregation)
        best = int(agreed.argmax())
        found.append(Piece(labels[best], float(agreed[best]), tuple(tokens[start:end])))
    return found


def agree(scores: Array, aggregation: Aggregation) -> Array:
    """Return the scores of a word, (labels,), from those of its tokens, (tokens, labels)."""
    if aggregation == "first":
        first: Array = scores[0]
        return first
    if aggregation == "average":
        mean: Array = scores.mean(axis=0)
        return mean
    surest: Array = scores[scores.max(axis=1).argmax()]
    return surest


def groups(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Return neighbours of one label together; a label that begins with B- begins anew."""
    found: list[list[Piece]] = []
    for piece in pieces:
        begins = piece.label.startswith("B-")
        if found and not begins and bare(found[-1][-1].label) == bare(piece.label):
            found[-1].append(piece)
        else:
            found.append([piece])
    return found


def bare(label: str) -> str:
    """Return a label without B- or I-."""
    return label[2:] if label.startswith(("B-", "I-")) else label


def single(piece: Piece) -> Entity:
    """Return one token as an entity."""
    token = piece.tokens[0]
    return Entity(piece.label, piece.score, token.text, token.start, token.end, token.row)


def together(group: Sequence[Piece], join: Join) -> Entity:
    """Return neighbours as one entity; its score is their mean."""
    tokens = [token for piece in group for token in piece.tokens]
    score = float(np.mean([piece.score for piece in group]))
    label = group[0].label.split("-", 1)[-1]
    return Entity(label, score, join([token.text for token in tokens]), tokens[0].start, tokens[-1].end)
