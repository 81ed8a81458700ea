"""How fast each pair of a rotary head turns: one place, for the tables of every emitter."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from vectord.core import Layer, Linear, Llama3, Ntk, OwnLength, Rotary

Rates = NDArray[np.float64]
# what the angles depend on: settings and head size
Kind = tuple[Rotary, int]


def kinds(layers: Iterable[Layer]) -> tuple[Kind, ...]:
    """Return the kinds of rotation in use, in the order of their first layers."""
    attentions = [layer.attention for layer in layers]
    found = [(one.position, one.head_size) for one in attentions if isinstance(one.position, Rotary)]
    return tuple(dict.fromkeys(found))


def by_own_length(kind: Kind) -> bool:
    """Whether the angles of a token depend on how long its text is, so that no table holds them."""
    return isinstance(kind[0].stretch, OwnLength)


def rates(rotary: Rotary, head_size: int, length: int = 0) -> Rates:
    """Return the angle per position of each pair in a text of `length` tokens, (head_size / 2,)."""
    theta = rotary.theta
    match rotary.stretch:
        case None:
            return _plain(theta, head_size)
        case Llama3():
            return _llama3(_plain(theta, head_size), rotary.stretch)
        case Linear(factor):
            slowed: Rates = _plain(theta, head_size) / factor
            return slowed
        case Ntk(factor):
            turned: Rates = _plain(theta * factor, head_size) / factor ** (2 / head_size)
            return turned
        case OwnLength():
            return _plain(theta * _growth(rotary.stretch, head_size, length), head_size)


def own_angles(kind: Kind, lengths: Iterable[int]) -> NDArray[np.float64]:
    """Return the angles of the tokens of texts of these lengths, (tokens, head_size / 2)."""
    return np.concatenate([np.outer(np.arange(length), rates(*kind, length)) for length in lengths])


def _plain(theta: float, head_size: int) -> Rates:
    out: Rates = theta ** (-np.arange(0, head_size, 2, dtype=np.float64) / head_size)
    return out


def _growth(stretch: OwnLength, head_size: int, length: int) -> float:
    if length <= stretch.trained_positions:
        return 1.0
    excess: float = stretch.factor * length / stretch.trained_positions - (stretch.factor - 1)
    return float(excess ** (head_size / (head_size - 2)))


def _llama3(plain: Rates, stretch: Llama3) -> Rates:
    # turns within the original context: few are slowed by the factor, many not at all, between is blended
    turns = stretch.original_positions * plain / (2 * np.pi)
    share = np.clip((turns - stretch.low) / (stretch.high - stretch.low), 0, 1)
    out: Rates = share * plain + (1 - share) * plain / stretch.factor
    return out
