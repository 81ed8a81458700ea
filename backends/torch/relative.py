"""Biases by signed distance, as tables that `attend` reads: shared by all layers that are alike."""

from collections.abc import Iterable, Mapping
from typing import assert_never

import torch

from vectord.core import Alibi, Attention, Buckets, Disentangled, Layer, Position, Rotary
from vectord.models.relative import alibi, bucket_rows

from .weights import Weights

# by position and number of heads: (heads, 2 * positions - 1), in float32
Biases = Mapping[tuple[Position | None, int], torch.Tensor | None]


def biases(layers: Iterable[Layer], positions: int, weights: Weights) -> Biases:
    """Return the table of every kind of attention in use; None for one that adds nothing by distance."""
    kinds = {kind_of(layer.attention) for layer in layers}
    return {kind: _table(*kind, positions, weights) for kind in kinds}


def kind_of(attention: Attention) -> tuple[Position | None, int]:
    """Return which table an attention reads."""
    return attention.position, attention.heads


def _table(position: Position | None, heads: int, positions: int, weights: Weights) -> torch.Tensor | None:
    match position:
        case None | Rotary() | Disentangled():
            return None
        case Alibi():
            return torch.from_numpy(alibi(heads, positions)).to(weights.device)
        case Buckets():
            rows = torch.from_numpy(bucket_rows(position, positions)).to(weights.device)
            return weights.exact("relative.weight")[rows].T.contiguous()
        case _:
            assert_never(position)
