"""The arrays that an emitted graph's parameters are tied to."""

import numpy as np
from numpy.typing import NDArray

from vectord.models.weights import float32

from .form import Graph


def arrays(graph: Graph) -> dict[str, NDArray[np.float32]]:
    """Return each parameter as float32: a view of the mapped file where it is stored so and whole."""
    return {name: stacked([float32(part) for part in parts]) for name, parts in graph.weights.items()}


def stacked(parts: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return parts stacked by rows; one alone is not copied."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
