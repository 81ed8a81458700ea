"""What one input gets of a batch's outputs: its row, the rows of its tokens, or its few weights of many."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from vectord.core import PER_TOKEN, Arrays, Batch, Ids, Output

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sparse:
    """The weights that are not zero: `indices` int32, rising, and `values`, (weights,)."""

    indices: NDArray[np.int32]
    values: Array


Piece = Array | Sparse
Pieces = Mapping[Output, Piece]


class Part(Mapping[Output, Piece]):
    """The pieces of the input at an index of a batch, cut out when they are asked for.

    There may be thousands of them a second: a view for each output of each would cost as much as all else.
    """

    __slots__ = ("index", "whole")

    def __init__(self, whole: "Whole", index: int) -> None:
        self.whole = whole
        self.index = index

    def __getitem__(self, output: Output) -> Piece:
        found = self.whole.outputs[output]
        if output in PER_TOKEN:
            return found[self.whole.bounds[self.index] : self.whole.bounds[self.index + 1]]  # type: ignore[return-value]
        return found[self.index]

    def __iter__(self) -> Iterator[Output]:
        return iter(self.whole.outputs)

    def __len__(self) -> int:
        return len(self.whole.outputs)


@dataclass(frozen=True, slots=True, eq=False)
class Whole:
    """A batch's outputs, and where the tokens of each input begin in those that have a row for each."""

    outputs: Mapping[Output, Array | list[Sparse]]
    bounds: Ids


WHOLE, INDEX = attrgetter("whole"), attrgetter("index")


def pieces_of(batch: Batch, arrays: Arrays) -> list[Pieces]:
    """Return the pieces of each input. Raises `ValueError` where the outputs do not fit the batch.

    A row as wide as a vocabulary is mostly zeros, and thousands of them may wait for their request to
    be whole, so it is reduced here.
    """
    for output, array in arrays.items():
        check_rows(output, array, batch)
    outputs = {
        output: [sparse(row) for row in array] if output == "sparse" else array
        for output, array in arrays.items()
    }
    whole = Whole(outputs, batch.bounds)
    return [Part(whole, index) for index in range(len(batch))]


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
    parts = [one for one in found if isinstance(one, Part)]
    if len(parts) < len(found) or len(set(map(WHOLE, parts))) > 1:
        # a fifth of the time of `np.stack`
        return np.array([as_array(pieces[output]) for pieces in found])
    array, places = parts[0].whole.outputs[output], list(map(INDEX, parts))
    assert not isinstance(array, list)
    begin, end = places[0], places[0] + len(places)
    return array[begin:end] if places == list(range(begin, end)) else array[places]


def token_rows(found: Sequence[Pieces], output: Output) -> list[Array]:
    """Return the rows of each input's tokens, (tokens, width)."""
    return [as_array(pieces[output]) for pieces in found]


def as_array(piece: Piece) -> Array:
    """Return a piece that is an array."""
    assert not isinstance(piece, Sparse)
    return piece
