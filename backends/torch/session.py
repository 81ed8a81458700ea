"""A card loaded with torch."""

from collections.abc import Collection, Mapping

import torch

from vectord.core import PER_TOKEN, Arrays, Batch, Bid, Experts, ModelCard, Output

from .adapters import masks
from .graphs import Graphs, graphs
from .head import head
from .layout import Layout
from .network import attends_by_kernel, network
from .packed import Packed
from .record import CudaRecorder, Recorder
from .rotary import by_position_alone, tables
from .staging import Download, upload
from .trouble import empty_cache, telling
from .weights import Weights

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class TorchSession:
    """Runs packed batches; pooling and the head are in float32 whatever the matrices are in.

    Several threads may run batches at once: what they ask of a device is done in the order of asking.
    """

    def __init__(self, card: ModelCard, bid: Bid, recorder: Recorder | None = None) -> None:
        torch.set_num_threads(bid.threads)
        self._device = torch.device(bid.device)
        self._rows = card.max_length
        weights = Weights(card.tensors, self._device, DTYPES[bid.dtype])
        self._network = network(card.arch, weights)
        exact = weights.under("", torch.float32)
        self._heads = {one.output: head(one, exact) for one in card.heads}
        self._tables = tables(card.arch.layers, card.max_length, self._device)
        self._masks = masks(card.arch.adapters, self._device, weights.dtype)
        self._main = card.head.output
        self._graphs = self._recorded(card, weights, recorder)

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        """Return the asked outputs; see `vectord.core.Session`."""
        # an index out of bounds on CUDA would end the process, not the batch
        if batch.longest > self._rows:
            raise ValueError(f"an input of {batch.longest} tokens exceeds the limit of {self._rows}")
        with telling(self._device), torch.inference_mode():
            return self._run(batch, outputs)

    def _run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        if self._graphs is not None and set(outputs) == {self._main}:
            step = self._graphs.step_for(batch)
            if step is not None:
                return {self._main: self._graphs.run(batch, step)}
        layout = Layout.of(batch)
        found = self._forward(layout, upload(layout.rows, self._device), outputs)
        arrays = Download(found, self._device).wait()
        return {name: layout.unsorted(rows, name in PER_TOKEN) for name, rows in arrays.items()}

    def _forward(
        self, layout: Layout, rows: Mapping[str, torch.Tensor], outputs: Collection[Output]
    ) -> dict[Output, torch.Tensor]:
        packed = Packed.at(layout, rows, self._tables, self._masks)
        states = self._network(packed)
        return {name: self._heads[name](states, packed) for name in outputs}

    def _recorded(self, card: ModelCard, weights: Weights, recorder: Recorder | None) -> Graphs | None:
        """Record the network for small batches, on CUDA or where a recorder is given."""
        if not recordable(card, weights):
            return None
        if recorder is None:
            if self._device.type != "cuda":
                return None
            recorder = CudaRecorder(self._device)

        def forward(layout: Layout, rows: Mapping[str, torch.Tensor]) -> torch.Tensor:
            return self._forward(layout, rows, [self._main])[self._main]

        with torch.inference_mode():
            return graphs(forward, recorder, self._device, self._rows, card.pad_id)

    def close(self) -> None:
        """Free the weights."""
        del self._network, self._heads, self._tables, self._masks, self._graphs
        empty_cache(self._device)


def recordable(card: ModelCard, weights: Weights) -> bool:
    """Whether the host decides nothing between the kernels of a network by what is in the batch."""
    layers, head = card.arch.layers, card.head
    return (
        all(attends_by_kernel(layer.attention, weights) for layer in layers)
        and not any(isinstance(layer.mlp, Experts) for layer in layers)
        and by_position_alone(layers)
        and head.output not in PER_TOKEN
        and not head.token_dense
    )
