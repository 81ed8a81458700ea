"""Matrices in 8 bits: one scale for each output channel, symmetric, so that zero stays zero."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

# levels (out, in) int8; scale (out,): weight = scale * levels; sums (1, out): each row of weights added up
Part = Literal["levels", "scale", "sums"]


class Kind(NamedTuple):
    """A part's element and which of (1, out, in) are its sides."""

    kind: type[np.generic]
    sides: tuple[int, ...]

    def shape(self, out: int, inner: int) -> tuple[int, ...]:
        """Return the shape of the part of a matrix (out, in)."""
        return tuple((1, out, inner)[side] for side in self.sides)


PARTS: Mapping[Part, Kind] = {
    "levels": Kind(np.int8, (1, 2)),
    "scale": Kind(np.float32, (1,)),
    "sums": Kind(np.float32, (0, 1)),
}
MOST = 127  # -128 has no counterpart


def part_name(matrix: str, part: Part) -> str:
    """Return the name of a part of a quantised matrix."""
    return f"{matrix}:{part}"


def matrix_of(name: str) -> str:
    """Return the name of the matrix that a part is of."""
    return name.rpartition(":")[0]


def quantise(matrix: NDArray[np.float32]) -> dict[Part, NDArray[Any]]:
    """Return the parts of a matrix (out, in)."""
    largest = np.maximum(matrix.max(axis=1), -matrix.min(axis=1))
    scale = np.maximum(largest / np.float32(MOST), np.finfo(np.float32).tiny)
    scaled = matrix / scale[:, None]
    levels = np.rint(scaled, out=scaled).astype(np.int8)
    sums = scale * levels.sum(axis=1, dtype=np.int64).astype(np.float32)
    return {"levels": levels, "scale": scale, "sums": sums[None, :]}
