"""What one input gets of a batch's outputs: its row, the rows of its tokens, or its few weights of many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vectord.core import PER_TOKEN, Arrays, Batch, Output

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sparse:
    """The weights that are not zero: `indices` int32, rising, and `values`, (weights,)."""

    indices: NDArray[np.int32]
    values: Array


Piece = Array | Sparse
Pieces = Mapping[Output, Piece]


def pieces_of(batch: Batch, arrays: Arrays) -> list[Pieces]:
    """Return the pieces of each input. Raises `ValueError` where the outputs do not fit the batch.

    A row as wide as a vocabulary is mostly zeros, and thousands of them may wait for their request to
    be whole, so it is reduced here.
    """
    bounds = batch.bounds
    found: list[dict[Output, Piece]] = [{} for _ in range(len(batch))]
    for output, array in arrays.items():
        check_rows(output, array, batch)
        for index, pieces in enumerate(found):
            if output in PER_TOKEN:
                pieces[output] = array[bounds[index] : bounds[index + 1]]
            else:
                pieces[output] = sparse(array[index]) if output == "sparse" else array[index]
    return list(found)


def check_rows(output: Output, array: Array, batch: Batch) -> None:
    """Raise `ValueError` unless there is a row for each input, or for each token."""
    wanted = batch.tokens if output in PER_TOKEN else len(batch)
    if len(array) != wanted:
        raise ValueError(f"the session gave {len(array)} rows of {output} where {wanted} were due")


def sparse(row: Array) -> Sparse:
    """Return the weights of a row that are not zero; a NaN is not zero."""
    indices = np.flatnonzero(row)
    return Sparse(indices.astype(np.int32), row[indices])


def sound_ones(arrays: Arrays, found: Sequence[Pieces]) -> list[bool]:
    """Return which inputs' numbers are all finite; a batch is looked at piece by piece only if it is not."""
    if all(np.isfinite(array).all() for array in arrays.values()):
        return [True] * len(found)
    return [sound(pieces) for pieces in found]


def sound(pieces: Pieces) -> bool:
    """Whether all numbers are finite."""
    return all(
        bool(np.isfinite(piece.values if isinstance(piece, Sparse) else piece).all())
        for piece in pieces.values()
    )


def rows(found: Sequence[Pieces], output: Output) -> Array:
    """Return the rows of an output that each input has one of, (inputs, width)."""
    # a fifth of the time of `np.stack`
    return np.array([as_array(pieces[output]) for pieces in found])


def token_rows(found: Sequence[Pieces], output: Output) -> list[Array]:
    """Return the rows of each input's tokens, (tokens, width)."""
    return [as_array(pieces[output]) for pieces in found]


def as_array(piece: Piece) -> Array:
    """Return a piece that is an array."""
    assert not isinstance(piece, Sparse)
    return piece
