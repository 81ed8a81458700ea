"""The pieces of encoders in float64, written from their papers and from nothing of this project."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load_file

Rows = NDArray[np.float64]
Tensors = Mapping[str, Rows]
# token ids and types, each (tokens,), to token states (tokens, hidden)
Network = Callable[[NDArray[np.int64], NDArray[np.int64]], Rows]


def tensors_of(path: Path, *prefixes: str) -> Tensors:
    """Return a checkpoint's tensors, their names without any of the prefixes."""
    found = {}
    for name, tensor in load_file(path / "model.safetensors").items():
        prefix = next((one for one in prefixes if name.startswith(one)), "")
        found[name.removeprefix(prefix)] = tensor.double().numpy()
    return found


def linear(x: Rows, tensors: Tensors, name: str) -> Rows:
    """Return x @ weight.T, plus the bias if there is one."""
    out: Rows = x @ tensors[f"{name}.weight"].T + tensors.get(f"{name}.bias", np.zeros(1))
    return out


def layer_norm(x: Rows, tensors: Tensors, name: str, eps: float) -> Rows:
    """Return x without its mean, by its deviation, scaled and shifted."""
    middle = x - x.mean(-1, keepdims=True)
    deviation = np.sqrt((middle**2).mean(-1, keepdims=True) + eps)
    out: Rows = middle / deviation * tensors[f"{name}.weight"] + tensors[f"{name}.bias"]
    return out


def softmax(x: Rows) -> Rows:
    """Return shares of the last axis."""
    grown = np.exp(x - x.max(-1, keepdims=True))
    out: Rows = grown / grown.sum(-1, keepdims=True)
    return out


def gelu(x: Rows) -> Rows:
    """Return x times the normal distribution's share below it."""
    out: Rows = x / 2 * (1 + np.vectorize(math.erf, otypes=[np.float64])(x / math.sqrt(2)))
    return out


def silu(x: Rows) -> Rows:
    """Return x times its sigmoid."""
    out: Rows = x / (1 + np.exp(-x))
    return out


def relu(x: Rows) -> Rows:
    """Return x where it is positive."""
    out: Rows = np.maximum(x, 0)
    return out


def turned(x: Rows, heads: int, rates: Rows) -> Rows:
    """Return x (tokens, size) with the pairs (i, i + d / 2) of each head turned by position * rate."""
    first, second = np.split(x.reshape(len(x), heads, -1), 2, axis=-1)
    angles = (np.arange(len(x))[:, None] * rates)[:, None]
    cos, sin = np.cos(angles), np.sin(angles)
    both = (first * cos - second * sin, second * cos + first * sin)
    return np.concatenate(both, axis=-1).reshape(x.shape)


def attend(q: Rows, k: Rows, v: Rows, heads: int, bias: Rows | None = None) -> Rows:
    """Return attention without a mask; `bias` (heads, queries, keys) is added to the scores."""
    split = [x.reshape(len(x), heads, -1).swapaxes(0, 1) for x in (q, k, v)]
    scores = split[0] @ split[1].swapaxes(1, 2) / math.sqrt(split[0].shape[-1])
    seen = softmax(scores if bias is None else scores + bias) @ split[2]
    out: Rows = seen.swapaxes(0, 1).reshape(q.shape)
    return out
