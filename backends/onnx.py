"""ONNX Runtime on CPUs: the emitted graph in float32."""

import os
from collections.abc import Collection, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vectord.core import (
    Arrays,
    Backend,
    Batch,
    Bid,
    Dtype,
    Foreign,
    Hardware,
    ModelCard,
    Options,
    Output,
    Refusal,
    Session,
)
from vectord.models.weights import forget_pages
from vectord.plugins import hookimpl

from .cpu import BATCH_TOKENS, PAD_TO, choose_dtype, partition
from .foreign.bid import by_onnx
from .padded import answers, feed, leaves_unseen, reads_types

if TYPE_CHECKING:
    import onnxruntime

# Longer inputs are attended block by block: scores of 8,192 tokens in 12 heads would take 3 GB. OpenVINO
# fuses attention and keeps no scores, so only its masks grow with the square of the length.
AT_ONCE = 1024
COMPUTES: tuple[Dtype, ...] = ("float32",)


class OnnxBackend:
    """Bids for every card that the emitter can express, and for those with an ONNX file of their own."""

    name = "onnx"

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        """Offer float32."""
        if find_spec("onnxruntime") is None:
            return Refusal("onnxruntime is not installed: pip install onnxruntime")
        if isinstance(card.network, Foreign):
            return by_onnx(card, card.network, hardware, options)
        dtype = choose_dtype(card, hardware, options, COMPUTES)
        if isinstance(dtype, Refusal):
            return dtype
        runners, threads = partition(options.threads)
        return Bid(40, dtype, "ONNX Runtime runs on every CPU", runners, threads, BATCH_TOKENS, PAD_TO)

    def load(self, card: ModelCard, bid: Bid) -> Session:
        """Emit the graph and hand it to ONNX Runtime with the mapped weights."""
        if isinstance(card.network, Foreign):
            from .foreign import onnx as own

            return own.load(card, card.network, bid)
        return OnnxSession(card, bid)


class OnnxSession:
    """A graph in ONNX Runtime; any number of threads may run it at once, each with its own pool of none."""

    def __init__(self, card: ModelCard, bid: Bid) -> None:
        from .graph import Form, arrays, emit  # not above: bidding must not import onnx

        form = Form(True, reads_types(card), leaves_unseen(card), at_once=AT_ONCE)
        graph = emit(card.arch, card.heads, card.tensors, form, card.max_length)
        self._card = card
        self._weights = arrays(graph)  # the runtime reads them where they lie
        self._session = open_session(graph.model.SerializeToString(), self._weights, bid.threads)
        forget_pages(self._weights.values())

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        """Return the asked outputs; see `vectord.core.Session`."""
        names = list(outputs)
        return answers(batch, names, self._session.run(names, feed(batch, self._card, PAD_TO)))

    def close(self) -> None:
        """Free the graph and let go of the weights."""
        del self._session, self._weights


def open_session(
    model: bytes | str, weights: Mapping[str, NDArray[np.float32]], threads: int
) -> "onnxruntime.InferenceSession":
    """Return an ONNX Runtime session of a graph, or of a file by its path, over weights in memory."""
    # Official builds report models and machine to Microsoft, unasked; it is read at the first import.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # spinning threads would take the cores from the server and from other models
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    values = [ort.OrtValue.ortvalue_from_numpy(array) for array in weights.values()]
    options.add_external_initializers(list(weights), values)
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@hookimpl
def register_backends() -> list[Backend]:
    """Offer ONNX Runtime."""
    return [OnnxBackend()]
