"""Which row of a table of relative positions a distance reads: one place, for the tables of every emitter."""

import numpy as np
from numpy.typing import NDArray

from vectord.core import Disentangled

Rows = NDArray[np.int64]


def rows(position: Disentangled, distances: Rows) -> Rows:
    """Return the table row of each distance (query minus key): near ones have their own, far ones share."""
    found = bucket(distances, position.buckets, position.max_distance) if position.buckets else distances
    return np.clip(found + position.span, 0, 2 * position.span - 1)


def bucket(distances: Rows, count: int, most: int) -> Rows:
    """Return signed buckets, one for each distance up to `count` / 2, then ever wider ones up to `most`.

    `count` is even. In float32, since rounding decides what lies on an edge (He et al. 2021, 2111.09543).
    """
    near, far = count // 2, np.abs(distances)
    steps = np.log(np.maximum(far, near).astype(np.float32) / np.float32(near), dtype=np.float32)
    width = np.log(np.float32((most - 1) / near), dtype=np.float32)
    wide = np.ceil(steps / width * np.float32(near - 1)).astype(np.int64) + near
    return np.where(far <= near, distances, np.sign(distances) * wide)
