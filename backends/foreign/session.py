"""A card whose network is somebody else's, loaded."""

import logging
from collections.abc import Collection, Mapping

import numpy as np

from vectord.core import Arrays, Batch, Dtype, ModelCard, Output

from .head import head
from .ways import Rows, Unfit, Way, right_way

log = logging.getLogger("vectord")


class ForeignSession:
    """Runs the network in the first of several ways that is right, then the heads in numpy.

    The last way is for batches that the chosen one cannot run. `limit` bounds inputs further than the card.
    """

    def __init__(
        self,
        card: ModelCard,
        dtype: Dtype,
        ways: Mapping[str, Way],
        limit: int | None = None,
    ) -> None:
        self._limit = min(card.max_length, limit or card.max_length)
        self._heads = {one.output: head(one, card.tensors) for one in card.heads}
        name, self._sure = right_way(ways, card, dtype), [*ways.values()][-1]
        self._way = ways[name]
        log.info("%s: no family declares %s; its batches run %s", card.name, card.family, name)

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        """Return the asked outputs; see `vectord.core.Session`."""
        # a position out of bounds on CUDA would end the process, not the batch
        if batch.longest > self._limit:
            raise ValueError(f"an input of {batch.longest} tokens exceeds the limit of {self._limit}")
        rows = self._rows(batch)
        return {name: self._heads[name](rows, batch) for name in outputs}

    def _rows(self, batch: Batch) -> Rows:
        try:
            rows = self._way(batch)
        except Unfit:
            return self._sure(batch)
        # a window over nothing but padding gives NaN on some runtimes, and 0 x NaN spreads it to all tokens
        return rows if np.isfinite(rows).all() else self._sure(batch)

    def close(self) -> None:
        """Free the network."""
        del self._way, self._sure, self._heads
