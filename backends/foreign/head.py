"""A `Head` in numpy, over rows that somebody else's network gave."""

import math
from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from vectord.core import Activation, Batch, Dense, Head, Pooling, StoredTensor
from vectord.models.weights import float32

Rows = NDArray[np.float32]
Step = Callable[[Rows], Rows]

erf = np.vectorize(math.erf, otypes=[np.float32])


def head(spec: Head, tensors: Mapping[str, StoredTensor]) -> Callable[[Rows, Batch], Rows]:
    """Return the head as a function from the network's rows (tokens, size) to its output."""
    if spec.given is not None:
        return lambda rows, batch: rows
    before, after = dense(spec.token_dense, tensors), dense(spec.dense, tensors)
    act, pool = activation(spec.activation), spec.pooling
    if pool is None:
        return lambda rows, batch: act(before(rows))
    return lambda rows, batch: act(after(pooled(before(rows), batch, pool)))


def dense(layers: Iterable[Dense], tensors: Mapping[str, StoredTensor]) -> Step:
    """Return the dense layers of modules.json in order as one function; they have no norms."""
    steps = [linear(one, tensors) for one in layers]

    def run(rows: Rows) -> Rows:
        for step in steps:
            rows = step(rows)
        return rows

    return run


def linear(spec: Dense, tensors: Mapping[str, StoredTensor]) -> Step:
    """Return one dense layer."""
    weight = float32(tensors[f"{spec.name}.weight"]).T
    bias = float32(tensors[f"{spec.name}.bias"]) if spec.bias else np.float32(0)
    act = activation(spec.activation)
    return lambda rows: act(rows @ weight + bias)


def pooled(rows: Rows, batch: Batch, pooling: Pooling) -> Rows:
    """Return one row for each input, (inputs, size), of rows for each token."""
    starts, lengths = batch.bounds[:-1], batch.lengths[:, None]
    match pooling:
        case "cls":
            return rows[starts]
        case "last-token":
            return rows[batch.bounds[1:] - 1]
        case "max":
            return np.maximum.reduceat(rows, starts)
        case "mean":
            return (summed(rows, starts) / lengths).astype(np.float32)
        case "mean-sqrt":
            return (summed(rows, starts) / np.sqrt(lengths)).astype(np.float32)
        case "weighted-mean":
            places = np.concatenate([np.arange(1, length + 1) for length in batch.lengths])[:, None]
            return (summed(rows * places, starts) / summed(places, starts)).astype(np.float32)


def summed(rows: NDArray[np.generic], starts: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the sum over the rows of each input, in float64: inputs may be long."""
    total: NDArray[np.float64] = np.add.reduceat(rows, starts, dtype=np.float64)
    return total


def activation(name: Activation) -> Step:
    """Return the function of that name."""
    match name:
        case "identity":
            return lambda x: x
        case "gelu":
            return lambda x: x * (1 + erf(x / np.float32(math.sqrt(2)))) / 2
        case "gelu_tanh":
            return lambda x: x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))) / 2
        case "relu":
            return lambda x: np.maximum(x, 0)
        case "silu":
            return lambda x: x / (1 + np.exp(-x))
        case "tanh":
            return np.tanh
        case "log1p_relu":
            return lambda x: np.log1p(np.maximum(x, 0))
