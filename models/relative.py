"""What attention adds to its scores by signed distance: one place, for the tables of every emitter.

A table has a column for each distance `key - query` from -(positions - 1) to positions - 1.
"""

import math

import numpy as np
from numpy.typing import NDArray

from vectord.core import Buckets


def distances(positions: int) -> NDArray[np.int64]:
    """Return the signed distances of a table's columns, (2 * positions - 1,)."""
    return np.arange(1 - positions, positions)


def slopes(heads: int) -> NDArray[np.float64]:
    """Return how much each head's scores fall per token of distance, (heads,).

    A geometric series; where the heads are no power of two, every other slope of the next one follows
    (Press et al. 2021, arXiv 2108.12409).
    """
    whole = 2 ** int(math.log2(heads))
    between = _series(2 * whole)[::2]
    return np.concatenate((_series(whole), between[: heads - whole]))


def _series(heads: int) -> NDArray[np.float64]:
    return 2.0 ** (-8.0 * np.arange(1, heads + 1) / heads)


def alibi(heads: int, positions: int) -> NDArray[np.float32]:
    """Return the penalties of ALiBi, (heads, 2 * positions - 1)."""
    table: NDArray[np.float32] = -np.outer(slopes(heads), np.abs(distances(positions))).astype(np.float32)
    return table


def bucket_rows(buckets: Buckets, positions: int) -> NDArray[np.int64]:
    """Return which row of the learned table each distance reads, (2 * positions - 1,).

    Half of the rows are for keys before the query, half for those after it; of each half, the first half
    holds one distance a row and the rest grow logarithmically (Raffel et al. 2019, arXiv 1910.10683).
    """
    ahead = distances(positions)
    side = buckets.count // 2
    exact = side // 2
    away = np.abs(ahead)
    # float32, as the published code has it: at a border the rounding decides
    ratio = np.log(np.maximum(away, 1).astype(np.float32) / np.float32(exact))
    steps = ratio / np.float32(math.log(buckets.max_distance / exact)) * np.float32(side - exact)
    grown = np.minimum(exact + steps.astype(np.int64), side - 1)
    rows: NDArray[np.int64] = np.where(away < exact, away, grown) + side * (ahead > 0)
    return rows
