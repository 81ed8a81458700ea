"""Token ids of one input (`Encoding`) and of those that run together (`Batch`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]


def padded_length(length: int, step: int) -> int:
    """Return the length that a session pads to: a multiple of `step`, of half of it up to 2 * `step`.

    Few distinct lengths mean few shapes for a runtime to plan; short inputs get a finer grid, since
    each token of padding weighs more in them.
    """
    grid = step if length > 2 * step else max(1, step // 2)
    return -(-length // grid) * grid


@dataclass(frozen=True, slots=True)
class Encoding:
    """One input as the model sees it: int32 arrays of equal length, special tokens included.

    `cut` is how many tokens the limit removed.
    """

    token_ids: Ids
    type_ids: Ids
    cut: int = 0

    def __len__(self) -> int:
        return len(self.token_ids)


@dataclass(frozen=True, slots=True)
class Batch:
    """Encodings that run through the model together, packed into one row of `tokens` ids.

    `lengths` is (inputs,); `token_ids` and `type_ids` are (tokens,). Numpy arrays only, so that a
    session can live in another process.
    """

    token_ids: Ids
    type_ids: Ids
    lengths: Ids

    @classmethod
    def of(cls, encodings: Sequence[Encoding]) -> Self:
        """Pack encodings in their order."""
        return cls(
            np.concatenate([one.token_ids for one in encodings]),
            np.concatenate([one.type_ids for one in encodings]),
            np.array([len(one) for one in encodings], np.int32),
        )

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def tokens(self) -> int:
        """Real tokens."""
        return len(self.token_ids)

    @property
    def longest(self) -> int:
        """Length of the longest input."""
        return int(self.lengths.max())

    @property
    def equal_lengths(self) -> bool:
        """Whether no input needs padding."""
        return self.longest * len(self) == self.tokens

    def padded(self, row: Ids, fill: int, width: int) -> Ids:
        """Return one of the packed rows as (inputs, width), filled on the right."""
        if self.equal_lengths and width == self.longest:
            return row.reshape(len(self), width)
        out = np.full((len(self), width), fill, np.int32)
        out[np.arange(width) < self.lengths[:, None]] = row
        return out
