"""What becomes of a model's rows: unit vectors, shorter vectors, scores. Pure functions of arrays."""

import numpy as np
from numpy.typing import NDArray

from vectord.core import Scoring

Array = NDArray[np.float32]


def unit(rows: Array) -> Array:
    """Return each row divided by its Euclidean length; a zero row stays zero."""
    lengths = np.sqrt(np.vecdot(rows, rows))[..., None]  # half the time of `np.linalg.norm`
    scaled: Array = rows / np.maximum(lengths, np.float32(1e-12))
    return scaled


def cut(rows: Array, dimensions: int | None) -> Array:
    """Return the first `dimensions` of each row (matryoshka truncation)."""
    return rows if dimensions is None else rows[:, :dimensions]


def layer_norm(rows: Array, eps: float = 1e-5) -> Array:
    """Return each row with its mean subtracted, divided by its deviation."""
    centred = rows - rows.mean(axis=-1, keepdims=True)
    normed: Array = centred / np.sqrt(centred.var(axis=-1, keepdims=True) + np.float32(eps))
    return normed


def cosines(queries: Array, documents: Array) -> Array:
    """Return the cosine of each document, (count, width), with its query or with the only one."""
    scores: Array = (unit(documents) * unit(queries)).sum(axis=-1)
    return scores


def sigmoid(logits: Array) -> Array:
    """Return 1 / (1 + exp(-x)) without overflow."""
    small = np.exp(-np.abs(logits))
    scores: Array = np.where(logits >= 0, 1, small) / (1 + small)
    return scores.astype(np.float32)


def softmax(logits: Array) -> Array:
    """Return exp(x) divided by its sum over the last axis, without overflow."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    scores: Array = powers / powers.sum(axis=-1, keepdims=True)
    return scores


def scored(logits: Array, scoring: Scoring) -> Array:
    """Return a classifier's scores."""
    match scoring:
        case "softmax":
            return softmax(logits)
        case "sigmoid":
            return sigmoid(logits)
        case "identity":
            return logits
