"""Where the tokens of a batch lie in one row without padding, worked out on the host."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Self

import numpy as np
from numpy.typing import NDArray

from vectord.core import Batch

Rows = dict[str, NDArray[np.integer]]


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours alike: `count` inputs of `length` tokens from token `start` on.

    The first `seen` tokens of each are what its tokens attend to.
    """

    start: int
    count: int
    length: int
    seen: int

    @property
    def stop(self) -> int:
        """The token after the last."""
        return self.start + self.count * self.length


@dataclass(frozen=True, slots=True)
class Layout:
    """The inputs of a batch by rising length, so that equal lengths are neighbours.

    `order` says which input of the batch each one is, `source` which token of the batch each one is. `rows`
    is what the device must know: `token_ids`, `type_ids`, `positions` and `adapters` (tokens,), `bounds` and
    `key_bounds` (inputs + 1,), and `keys`, absent where every token is attended to; see `Packed`.
    """

    rows: Rows
    runs: tuple[Run, ...]
    lengths: list[int]
    longest: int
    most_keys: int
    order: NDArray[np.intp]
    source: NDArray[np.intp]

    @classmethod
    def of(cls, batch: Batch) -> Self:
        """Sort a batch by length."""
        order = np.lexsort((batch.seen, batch.lengths))
        lengths, seen = batch.lengths[order], batch.seen[order]
        bounds = np.concatenate(([0], np.cumsum(lengths)))
        positions = np.arange(batch.tokens) - np.repeat(bounds[:-1], lengths)
        starts = np.cumsum(batch.lengths) - batch.lengths
        source = np.repeat(starts[order], lengths) + positions
        attended = positions < np.repeat(seen, lengths)
        rows: Rows = {
            "token_ids": batch.token_ids[source],
            "type_ids": batch.type_ids[source],
            "positions": positions,
            "adapters": np.repeat(batch.adapters[order], lengths),
            "bounds": bounds,
            "key_bounds": np.concatenate(([0], np.cumsum(seen))),
        }
        if not attended.all():
            rows["keys"] = np.flatnonzero(attended)
        runs = tuple(_runs(lengths, seen))
        return cls(rows, runs, lengths.tolist(), batch.longest, int(seen.max()), order, source)

    def unsorted(self, rows: NDArray[np.float32], per_token: bool) -> NDArray[np.float32]:
        """Return rows of inputs or of tokens in the order of the batch."""
        out = np.empty_like(rows)
        out[self.source if per_token else self.order] = rows
        return out


def _runs(lengths: NDArray[np.int32], seen: NDArray[np.int32]) -> Iterator[Run]:
    start = 0
    for (length, keys), equal in groupby(zip(lengths.tolist(), seen.tolist(), strict=True)):
        run = Run(start, len(list(equal)), length, keys)
        yield run
        start = run.stop
