"""All arrays of an emitted graph, made in memory."""

from typing import Any

from numpy.typing import NDArray

from ..weights import quantised, stored
from .form import Graph


def arrays(graph: Graph) -> dict[str, NDArray[Any]]:
    """Return every parameter: views of the mapped files, and matrices in 8 bits that are made anew."""
    made = {name: array for one in quantised(graph.quantised) for name, array in one.items()}
    return {**stored(graph.weights), **{name: made[name] for name in graph.quantised}}
