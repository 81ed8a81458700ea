"""Rotation of queries and keys by float32 tables: angles computed in half precisions ruin long inputs."""

from collections.abc import Callable, Iterable, Mapping

import torch

from vectord.core import Attention, Layer, Rotary
from vectord.models.rotary import Kind, by_own_length, kinds, own_angles, rates

# cosines and sines of each token, (tokens, 1, head_size / 2)
Angles = tuple[torch.Tensor, torch.Tensor]
# the angles of a batch's positions (tokens,), whose inputs have these lengths
Table = Callable[[torch.Tensor, Iterable[int]], Angles]
Tables = Mapping[Kind, Table]


def kind_of(attention: Attention) -> Kind | None:
    """Return which table an attention reads; None where it does not rotate."""
    position = attention.position
    return (position, attention.head_size) if isinstance(position, Rotary) else None


def tables(layers: Iterable[Layer], rows: int, device: torch.device) -> Tables:
    """Return what gives the angles of positions 0 to `rows` for every kind in use."""
    return {
        kind: _by_own_length(kind) if by_own_length(kind) else _by_position(*kind, rows, device)
        for kind in kinds(layers)
    }


def by_position_alone(layers: Iterable[Layer]) -> bool:
    """Whether angles depend on nothing but a token's place."""
    return not any(map(by_own_length, kinds(layers)))


def _by_position(rotary: Rotary, head_size: int, rows: int, device: torch.device) -> Table:
    turns = torch.from_numpy(rates(rotary, head_size))
    angles = torch.outer(torch.arange(rows, dtype=torch.float64), turns)
    cos, sin = angles.cos().to(device, torch.float32), angles.sin().to(device, torch.float32)
    return lambda positions, _: (cos[positions, None], sin[positions, None])


def _by_own_length(kind: Kind) -> Table:
    def table(positions: torch.Tensor, lengths: Iterable[int]) -> Angles:
        angles = torch.from_numpy(own_angles(kind, lengths)).to(positions.device)[:, None]
        return angles.cos().float(), angles.sin().float()

    return table


def rotate(x: torch.Tensor, angles: Angles) -> torch.Tensor:
    """Rotate (tokens, heads, head_size) in float32, the first half of each head paired with the second."""
    cos, sin = angles
    first, second = x.float().chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)
