"""A card loaded with torch."""

from collections.abc import Collection

import torch

from vectord.core import PER_TOKEN, Arrays, Batch, Bid, ModelCard, Output

from .adapters import masks
from .head import head
from .network import network
from .packed import Packed
from .rotary import tables
from .staging import download
from .trouble import empty_cache, telling
from .weights import Weights

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class TorchSession:
    """Runs packed batches; pooling and the head are in float32 whatever the matrices are in."""

    def __init__(self, card: ModelCard, bid: Bid) -> None:
        torch.set_num_threads(bid.threads)
        self._device = torch.device(bid.device)
        self._rows = card.max_length
        weights = Weights(card.tensors, self._device, DTYPES[bid.dtype])
        self._network = network(card.arch, weights)
        exact = weights.under("", torch.float32)
        self._heads = {one.output: head(one, exact) for one in card.heads}
        self._tables = tables(card.arch.layers, card.max_length, self._device)
        self._masks = masks(card.arch.adapters, self._device, weights.dtype)

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        """Return the asked outputs; see `vectord.core.Session`."""
        # an index out of bounds on CUDA would end the process, not the batch
        if batch.longest > self._rows:
            raise ValueError(f"an input of {batch.longest} tokens exceeds the limit of {self._rows}")
        with telling(self._device), torch.inference_mode():
            return self._run(batch, outputs)

    def _run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        packed = Packed.of(batch, self._tables, self._device, self._masks)
        states = self._network(packed)
        found = download({name: self._heads[name](states, packed) for name in outputs})
        return {name: packed.unsorted(rows, name in PER_TOKEN) for name, rows in found.items()}

    def close(self) -> None:
        """Free the weights."""
        del self._network, self._heads, self._tables, self._masks
        empty_cache(self._device)
