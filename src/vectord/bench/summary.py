"""Statistics: percentiles of a round, medians and spread over rounds, likeness of vectors."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PERCENTS = (1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 100)


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        """Return the spread of at least one figure."""
        return cls(statistics.median(figures), min(figures), max(figures))

    def show(self, digits: int = 0, factor: float = 1.0) -> str:
        """Return `median (least-most)`; the median alone where there is no more."""
        median, least, most = (f"{factor * one:,.{digits}f}" for one in (self.median, self.least, self.most))
        return median if least == most else f"{median} ({least}-{most})"


def percentiles(figures: Sequence[float]) -> dict[str, float]:
    """Return the figures at `PERCENTS` by name (`p50`), each the least that so many per cent do not exceed.

    This is the nearest-rank percentile. Of no figures there are none.
    """
    ordered = sorted(figures)
    if not ordered:
        return {}
    ranks = {f"p{percent:g}": math.ceil(percent / 100 * len(ordered)) for percent in PERCENTS}
    return {name: ordered[max(0, rank - 1)] for name, rank in ranks.items()}


def ratio(more: Sequence[float], less: Sequence[float]) -> Spread:
    """Return how many times as much the first is, round by round: what a busy machine does hits both."""
    return Spread.of([a / b for a, b in zip(more, less, strict=True)])


def least_cosine(
    some: Mapping[str, "NDArray[np.float32]"], others: Mapping[str, "NDArray[np.float32]"]
) -> float | None:
    """Return the least cosine of vectors of the same number; None of none, 0 where shapes differ."""
    import numpy as np

    found = []
    for number in some.keys() & others.keys():
        one, other = some[number].astype(np.float64), others[number].astype(np.float64)
        if one.shape != other.shape:
            return 0.0
        cosine = one @ other / (np.linalg.norm(one) * np.linalg.norm(other) or 1.0)
        found.append(float(np.nan_to_num(cosine)))
    return min(found, default=None)
