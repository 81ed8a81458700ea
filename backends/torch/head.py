"""A `Head` as a function from token states to one row per input, in float32."""

from collections.abc import Callable

import torch

from vectord.core import Head, Pooling

from .packed import Packed
from .parts import activation, linear, norm
from .weights import Weights

Pool = Callable[[torch.Tensor, Packed], torch.Tensor]


def head(spec: Head, weights: Weights) -> Pool:
    """Pool, then go through the dense layers in order; `weights` decides their precision."""
    pooled = pooling(spec.pooling)
    maps = [linear(weights, one.name, bias=one.bias) for one in spec.dense]
    functions = [activation(one.activation) for one in spec.dense]
    norms = [norm(one.norm, weights, f"{one.name}_norm") for one in spec.dense]

    def run(states: torch.Tensor, packed: Packed) -> torch.Tensor:
        x = pooled(states, packed)
        for dense, function, finish in zip(maps, functions, norms, strict=True):
            x = finish(function(dense(x)))
        return x

    return run


def pooling(name: Pooling) -> Pool:
    """Return the function of that name."""
    match name:
        case "cls":
            return lambda states, packed: states[packed.bounds[:-1]]
        case "last-token":
            return lambda states, packed: states[packed.bounds[1:] - 1]
        case "mean":
            return _mean


def _mean(states: torch.Tensor, packed: Packed) -> torch.Tensor:
    # sums each input in a fixed order, unlike index_add on CUDA
    return torch.segment_reduce(states, "mean", lengths=packed.bounds.diff(), unsafe=True)
