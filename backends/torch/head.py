"""A `Head` as a function from token states to its output, in float32."""

from collections.abc import Callable, Iterable

import torch

from vectord.core import Dense, Head, Pooling

from .packed import Packed
from .parts import Step, activation, linear, norm
from .weights import Weights

Pool = Callable[[torch.Tensor, Packed], torch.Tensor]


def head(spec: Head, weights: Weights) -> Pool:
    """Pool, then go through the dense layers in order; `weights` decides their precision."""
    for_tokens, after = dense(spec.token_dense, weights), dense(spec.dense, weights)
    finish = activation(spec.activation)
    if spec.pooling is None:
        return lambda states, packed: finish(for_tokens(states))
    if spec.token_dense:
        return _input_by_input(for_tokens, pooling(spec.pooling), lambda rows: finish(after(rows)))
    if spec.skipped is not None:
        kept = last_kept(spec.skipped)
        return lambda states, packed: finish(after(kept(states, packed)))
    pooled = pooling(spec.pooling)
    return lambda states, packed: finish(after(pooled(states, packed.bounds)))


def last_kept(skipped: int) -> Pool:
    """Pool by the last token of each input whose id is another than the one that is skipped."""

    def run(states: torch.Tensor, packed: Packed) -> torch.Tensor:
        places = torch.where(packed.token_ids != skipped, packed.positions, 0)
        last = torch.segment_reduce(places.float(), "max", lengths=packed.bounds.diff(), unsafe=True)
        return states[packed.bounds[:-1] + last.int()]

    return run


def dense(layers: Iterable[Dense], weights: Weights) -> Step:
    """Return the dense layers in order as one function."""
    steps: list[Step] = []
    for one in layers:
        steps.append(linear(weights, *one.names, bias=one.bias))
        steps.append(activation(one.activation))
        steps.append(norm(one.norm, weights, f"{one.name}_norm"))

    def run(x: torch.Tensor) -> torch.Tensor:
        for step in steps:
            x = step(x)
        return x

    return run


def _input_by_input(for_tokens: Step, pool: "PoolRows", after: Step) -> Pool:
    # one input at a time: a row as wide as a vocabulary for every token of a batch would fill the memory
    def run(states: torch.Tensor, packed: Packed) -> torch.Tensor:
        rows = []
        for part in states.split(packed.layout.lengths):
            bounds = torch.tensor([0, len(part)], dtype=torch.int32, device=part.device)
            rows.append(pool(for_tokens(part), bounds))
        return after(torch.cat(rows))

    return run


# states (tokens, size) and where inputs begin and end, (inputs + 1,), to one row for each input
PoolRows = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def pooling(name: Pooling) -> PoolRows:
    """Return the function of that name."""
    match name:
        case "cls":
            return lambda states, bounds: states[bounds[:-1]]
        case "last-token":
            return lambda states, bounds: states[bounds[1:] - 1]
        case "mean":
            return lambda states, bounds: _reduce(states, bounds, "mean")
        case "max":
            return lambda states, bounds: _reduce(states, bounds, "max")
        case "weighted-mean":
            return _weighted
        case "mean-sqrt":
            return lambda states, bounds: (
                _reduce(states, bounds, "sum") / bounds.diff().float().sqrt()[:, None]
            )


def _reduce(states: torch.Tensor, bounds: torch.Tensor, how: str) -> torch.Tensor:
    # takes each input in a fixed order, unlike index_add on CUDA
    return torch.segment_reduce(states, how, lengths=bounds.diff(), unsafe=True)


def _weighted(states: torch.Tensor, bounds: torch.Tensor) -> torch.Tensor:
    lengths = bounds.diff()
    starts = bounds[:-1].repeat_interleave(lengths, output_size=len(states))  # else it asks the device
    places = torch.arange(len(states), device=states.device) - starts
    weights = (places + 1).float()[:, None]
    return _reduce(states * weights, bounds, "sum") / _reduce(weights, bounds, "sum")
