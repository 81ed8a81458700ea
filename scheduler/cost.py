"""How long a batch takes, by its shape: fitted to what was timed, and kept up to date.

seconds(count, length) = a + b * tokens + c * tokens * length, where tokens = count * length: what every
batch costs, what linear maps cost, what attention costs. Fitted by least squares of the relative
error over the latest batches, no coefficient below zero (all subsets are tried: there are seven).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from threading import Lock

import numpy as np
from numpy.typing import NDArray

Timed = tuple[float, int, float]  # full rows, their length, seconds
LATEST = 192  # batches that a fit looks at
REFIT = 16  # batches between fits
SUBSETS = [list(subset) for size in (3, 2, 1) for subset in combinations(range(3), size)]


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for a batch, for each padded token of it, and for each of those and token of its row."""

    batch: float
    token: float
    square: float

    def seconds(self, count: float, length: int) -> float:
        """Return how long a batch of this many rows of this padded length takes."""
        tokens = count * length
        return self.batch + tokens * (self.token + self.square * length)


FIRST_GUESS = Cost(0.002, 1e-4, 0.0)


def fit(timed: Sequence[Timed]) -> Cost:
    """Return the cost that has the least relative error, squared, over timed batches."""
    counts, lengths, seconds = np.array(timed, float).T
    tokens = counts * lengths
    rows = np.stack([np.ones_like(tokens), tokens, tokens * lengths], axis=1) / seconds[:, None]
    _, best = min((solve(rows, subset) for subset in SUBSETS), key=lambda found: found[0])
    return Cost(*best.tolist())


def solve(rows: NDArray[np.float64], subset: list[int]) -> tuple[float, NDArray[np.float64]]:
    """Return the error and the coefficients of a fit by some features; infinite if one is below zero."""
    scales = np.abs(rows[:, subset]).max(axis=0)
    found = np.linalg.lstsq(rows[:, subset] / scales, np.ones(len(rows)), rcond=None)[0] / scales
    whole = np.zeros(rows.shape[1])
    whole[subset] = found
    return (float("inf") if (found < 0).any() else float(((rows @ whole - 1) ** 2).sum())), whole


class CostModel:
    """Learns from every batch; safe to ask and to teach from several threads."""

    def __init__(self, timed: Sequence[Timed] = ()) -> None:
        self._timed: deque[Timed] = deque(timed, LATEST)
        self._since_fit = 0
        self._lock = Lock()
        self.cost = fit(timed) if timed else FIRST_GUESS

    def learn(self, count: float, length: int, seconds: float) -> None:
        """Take note of a batch."""
        with self._lock:
            self._timed.append((count, length, max(seconds, 1e-6)))
            self._since_fit += 1
            due = self._since_fit >= REFIT or len(self._timed) < REFIT
            timed = list(self._timed) if due else []
            self._since_fit = 0 if due else self._since_fit
        if timed:
            self.cost = fit(timed)

    def seconds(self, count: float, length: int) -> float:
        """Return how long a batch is likely to take."""
        return self.cost.seconds(count, length)
