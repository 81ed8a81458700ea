"""Token ids of one input (`Encoding`) and of those that run together (`Batch`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int32]
Value = TypeVar("Value", np.int32, np.float32)


def padded_length(length: int, step: int) -> int:
    """Return the length that a session pads to: a multiple of `step`, of a quarter of it up to 2 * `step`.

    Few distinct lengths mean few shapes for a runtime to plan; short inputs get a finer grid, since
    each token of padding weighs more in them.
    """
    grid = step if length > 2 * step else max(1, step // 4)
    return -(-length // grid) * grid


@dataclass(frozen=True, slots=True)
class Encoding:
    """One input as the model sees it: int32 arrays of equal length, special tokens included.

    `cut` is how many tokens the limit removed. The last `unseen` tokens see the others, but no token
    sees them: what fills a ColBERT query. `adapter` is the index of the adapter to use, -1 for none.
    """

    token_ids: Ids
    type_ids: Ids
    cut: int = 0
    unseen: int = 0
    adapter: int = -1

    def __len__(self) -> int:
        return len(self.token_ids)


@dataclass(frozen=True, slots=True)
class Batch:
    """Encodings that run through the model together, packed into one row of `tokens` ids.

    `lengths`, `seen` and `adapters` are (inputs,): how many tokens an input has, how many of them, from
    the first on, others may attend to, and which adapter it uses, -1 for none. `token_ids` and `type_ids`
    are (tokens,). Numpy arrays only, so that a session can live in another process.
    """

    token_ids: Ids
    type_ids: Ids
    lengths: Ids
    seen: Ids
    adapters: Ids

    @classmethod
    def of(cls, encodings: Sequence[Encoding]) -> Self:
        """Pack encodings in their order."""
        token_ids = [one.token_ids for one in encodings]
        lengths = np.fromiter(map(len, token_ids), np.int32, len(token_ids))
        unseen = np.array([one.unseen for one in encodings], np.int32)
        return cls(
            np.concatenate(token_ids),
            np.concatenate([one.type_ids for one in encodings]),
            lengths,
            lengths - unseen,
            np.array([one.adapter for one in encodings], np.int32),
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

    def padded(self, row: NDArray[Value], fill: int, width: int) -> NDArray[Value]:
        """Return what each token has, (tokens, ...), as (inputs, width, ...), filled on the right."""
        shape = (len(self), width, *row.shape[1:])
        if self.equal_lengths and width == self.longest:
            return row.reshape(shape)
        out = np.full(shape, fill, row.dtype)
        out[self.real(width)] = row
        return out

    def real(self, width: int) -> NDArray[np.bool_]:
        """Return which places of (inputs, width) hold tokens and not padding."""
        places: NDArray[np.bool_] = np.arange(width) < self.lengths[:, None]
        return places

    def packed(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the tokens' rows of (inputs, width, size) as (tokens, size), without the padding."""
        return rows[self.real(rows.shape[1])]

    @property
    def bounds(self) -> Ids:
        """Where each input's tokens begin in the packed row, and where the last one's end."""
        return np.concatenate(([0], np.cumsum(self.lengths, dtype=np.int32)))
