"""Rotation of queries and keys by float32 tables: angles computed in half precisions ruin long inputs."""

from collections.abc import Iterable, Mapping

import torch

from vectord.core import Attention, Layer, Rotary
from vectord.models.rotary import rates

# what the angles depend on: settings and head size
Kind = tuple[Rotary, int]
# cosines and sines
Angles = tuple[torch.Tensor, torch.Tensor]
Tables = Mapping[Kind, Angles]


def kind_of(attention: Attention) -> Kind | None:
    """Return which table an attention reads; None where it does not rotate."""
    position = attention.position
    return (position, attention.head_size) if isinstance(position, Rotary) else None


def tables(layers: Iterable[Layer], rows: int, device: torch.device) -> Tables:
    """Return the angles of positions 0 to `rows` for every kind in use, (rows, head_size / 2)."""
    kinds = {kind_of(layer.attention) for layer in layers}
    return {kind: _table(*kind, rows, device) for kind in kinds if kind is not None}


def _table(rotary: Rotary, head_size: int, rows: int, device: torch.device) -> Angles:
    turns = torch.from_numpy(rates(rotary, head_size))
    angles = torch.outer(torch.arange(rows, dtype=torch.float64), turns)
    return angles.cos().to(device, torch.float32), angles.sin().to(device, torch.float32)


def at(positions: torch.Tensor, tables: Tables) -> Tables:
    """Return the angles of a batch's positions, (tokens, 1, head_size / 2)."""
    return {kind: (cos[positions, None], sin[positions, None]) for kind, (cos, sin) in tables.items()}


def rotate(x: torch.Tensor, angles: Angles) -> torch.Tensor:
    """Rotate (tokens, heads, head_size) in float32, the first half of each head paired with the second."""
    cos, sin = angles
    first, second = x.float().chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)
