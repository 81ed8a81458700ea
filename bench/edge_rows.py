"""The vectors that every server of `bench.edge` answers: the length of their text depends on their digits."""

import numpy as np
from numpy.typing import NDArray

WIDTH = 1024


def unit_rows(count: int) -> NDArray[np.float32]:
    """Return unit vectors, (count, WIDTH)."""
    rows = np.random.default_rng(0).standard_normal((count, WIDTH)).astype(np.float32)
    scaled: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled
