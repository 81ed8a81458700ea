"""A batch on the device: the tokens of all inputs in one row, without padding."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from vectord.core import Batch

from .rotary import Tables, at


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours of equal length: `count` inputs of `length` tokens from token `start` on."""

    start: int
    count: int
    length: int

    @property
    def stop(self) -> int:
        """The token after the last."""
        return self.start + self.count * self.length


@dataclass(frozen=True, slots=True)
class Packed:
    """The inputs of a batch by rising length, so that equal lengths are neighbours.

    `order` says which input of the batch each one is. `token_ids`, `type_ids` and `positions` are
    (tokens,); `bounds` is (inputs + 1,): where each input begins and the last one ends. All int32.
    """

    token_ids: torch.Tensor
    type_ids: torch.Tensor
    positions: torch.Tensor
    bounds: torch.Tensor
    angles: Tables
    runs: tuple[Run, ...]
    longest: int
    order: NDArray[np.intp]

    @classmethod
    def of(cls, batch: Batch, tables: Tables, device: torch.device) -> Self:
        """Sort a batch by length and bring it to the device."""
        order = np.argsort(batch.lengths, kind="stable")
        lengths = batch.lengths[order]
        bounds = np.concatenate(([0], np.cumsum(lengths)))
        positions = np.arange(batch.tokens) - np.repeat(bounds[:-1], lengths)
        starts = np.cumsum(batch.lengths) - batch.lengths
        source = np.repeat(starts[order], lengths) + positions
        return cls(
            token_ids=_row(batch.token_ids[source], device),
            type_ids=_row(batch.type_ids[source], device),
            positions=(places := _row(positions, device)),
            bounds=_row(bounds, device),
            angles=at(places, tables),
            runs=tuple(_runs(lengths)),
            longest=batch.longest,
            order=order,
        )


def _row(values: NDArray[np.integer], device: torch.device) -> torch.Tensor:
    return torch.from_numpy(values.astype(np.int32)).to(device)


def _runs(lengths: NDArray[np.int32]) -> Iterator[Run]:
    start = 0
    for length, equal in groupby(lengths.tolist()):
        run = Run(start, len(list(equal)), length)
        yield run
        start = run.stop
