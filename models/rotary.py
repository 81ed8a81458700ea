"""How fast each pair of a rotary head turns: one place, for the tables of every emitter."""

import numpy as np
from numpy.typing import NDArray

from vectord.core import Linear, Llama3, Rotary

Rates = NDArray[np.float64]


def rates(rotary: Rotary, head_size: int) -> Rates:
    """Return the angle per position of each pair, (head_size / 2,)."""
    plain: Rates = rotary.theta ** (-np.arange(0, head_size, 2, dtype=np.float64) / head_size)
    match rotary.stretch:
        case None:
            return plain
        case Llama3():
            return _llama3(plain, rotary.stretch)
        case Linear(factor):
            slowed: Rates = plain / factor
            return slowed


def _llama3(plain: Rates, stretch: Llama3) -> Rates:
    # turns within the original context: few are slowed by the factor, many not at all, between is blended
    turns = stretch.original_positions * plain / (2 * np.pi)
    share = np.clip((turns - stretch.low) / (stretch.high - stretch.low), 0, 1)
    out: Rates = share * plain + (1 - share) * plain / stretch.factor
    return out
