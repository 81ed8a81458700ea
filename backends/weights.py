"""The arrays that a graph's parameters are tied to."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vectord.core import StoredTensor
from vectord.models.weights import float32, forget_pages, view

from .quantise import matrix_of, part_name, quantise

Stored = Mapping[str, tuple[StoredTensor, ...]]


def element(parts: Sequence[StoredTensor]) -> str:
    """Return safetensors' word for the type in which a parameter is given to a runtime."""
    words = {part.dtype for part in parts}
    return words.pop() if len(words) == 1 else "F32"


def stored(weights: Stored) -> dict[str, NDArray[Any]]:
    """Return each parameter as it is stored: a view of the mapped file where it is whole."""
    return {name: stacked(parts) for name, parts in weights.items()}


def quantised(names: Stored) -> Iterator[dict[str, NDArray[Any]]]:
    """Yield all parts of each matrix that these names are of, one matrix in memory at a time."""
    matrices = {matrix_of(name): parts for name, parts in names.items()}
    for matrix, parts in matrices.items():
        source = widened(parts)
        yield {part_name(matrix, part): array for part, array in quantise(source).items()}
        forget_pages([source])


def stacked(parts: Sequence[StoredTensor]) -> NDArray[Any]:
    """Return parts stacked by rows; one alone is not copied."""
    if len(parts) == 1:
        return view(parts[0])
    read = float32 if element(parts) == "F32" else view
    return np.concatenate([read(part) for part in parts])


def widened(parts: Sequence[StoredTensor]) -> NDArray[np.float32]:
    """Return parts stacked by rows as float32."""
    return stacked(parts).astype(np.float32, copy=False)
