"""A batch on the device: the tokens of all inputs in one row, without padding."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray

from vectord.core import Batch
from vectord.models.rotary import Kind

from .rotary import Angles, Tables
from .staging import upload


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
class Packed:
    """The inputs of a batch by rising length, so that equal lengths are neighbours.

    `order` says which input of the batch each one is. `token_ids`, `type_ids` and `positions` are
    (tokens,); `bounds` is (inputs + 1,): where each input begins and the last one ends. All int32.
    `keys` are the tokens that are attended to and `key_bounds` where those of each input begin; `keys`
    is None where all are. `source` says which token of the batch each one is. `own` (tokens, count * rank)
    masks the products of all adapters but each token's own; None where the network has none.
    """

    token_ids: torch.Tensor
    type_ids: torch.Tensor
    positions: torch.Tensor
    bounds: torch.Tensor
    angles: Mapping[Kind, Angles]
    runs: tuple[Run, ...]
    longest: int
    lengths: list[int]
    keys: torch.Tensor | None
    key_bounds: torch.Tensor
    most_keys: int
    order: NDArray[np.intp]
    source: NDArray[np.intp]
    own: torch.Tensor | None

    @classmethod
    def of(
        cls, batch: Batch, tables: Tables, device: torch.device, masks: torch.Tensor | None = None
    ) -> Self:
        """Sort a batch by length and bring it to the device."""
        order = np.lexsort((batch.seen, batch.lengths))
        lengths, seen = batch.lengths[order], batch.seen[order]
        bounds = np.concatenate(([0], np.cumsum(lengths)))
        positions = np.arange(batch.tokens) - np.repeat(bounds[:-1], lengths)
        starts = np.cumsum(batch.lengths) - batch.lengths
        source = np.repeat(starts[order], lengths) + positions
        attended = positions < np.repeat(seen, lengths)
        rows = {
            "token_ids": batch.token_ids[source],
            "type_ids": batch.type_ids[source],
            "positions": positions,
            "bounds": bounds,
            "key_bounds": np.concatenate(([0], np.cumsum(seen))),
        }
        if not attended.all():
            rows["keys"] = np.flatnonzero(attended)
        if masks is not None:
            rows["adapters"] = np.repeat(batch.adapters[order], lengths)
        there = upload(rows, device)
        return cls(
            token_ids=there["token_ids"],
            type_ids=there["type_ids"],
            positions=there["positions"],
            bounds=there["bounds"],
            angles={kind: table(there["positions"], lengths.tolist()) for kind, table in tables.items()},
            runs=tuple(_runs(lengths, seen)),
            longest=batch.longest,
            lengths=lengths.tolist(),
            keys=there.get("keys"),
            key_bounds=there["key_bounds"],
            most_keys=int(seen.max()),
            order=order,
            source=source,
            own=None if masks is None else masks[there["adapters"]],
        )

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
