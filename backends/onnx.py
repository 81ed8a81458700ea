"""ONNX Runtime on CPUs: the emitted graph in float32, or with its linear maps in 8 bits."""

from collections.abc import Collection, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

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

from .allocation import telling_memory
from .cpu import BATCH_TOKENS, PAD_TO, PADDING, choose_dtype, partition
from .foreign.bid import by_onnx
from .form import Form, Linear
from .padded import answers, feed, leaves_unseen, reads_types
from .prepared import prepared
from .reports import silence

if TYPE_CHECKING:
    import onnxruntime

# Longer inputs are attended block by block: scores of 8,192 tokens in 12 heads would take 3 GB. OpenVINO
# fuses attention and keeps no scores, so only its masks grow with the square of the length.
AT_ONCE = 1024
COMPUTES: tuple[Dtype, ...] = ("float32", "int8")
BFLOAT16 = 16  # ONNX's number of the type, which numpy has not


class OnnxBackend:
    """Bids for every card that the emitter can express, and for those with an ONNX file of their own."""

    name = "onnx"

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        """Offer float32, or int8 where it is asked for."""
        if find_spec("onnxruntime") is None:
            return Refusal("onnxruntime is not installed: pip install onnxruntime")
        if isinstance(card.network, Foreign):
            return by_onnx(card, card.network, hardware, options)
        dtype = choose_dtype(card, hardware, options, COMPUTES)
        if isinstance(dtype, Refusal):
            return dtype
        runners, threads = partition(options.threads)
        return Bid(
            40, dtype, "ONNX Runtime runs on every CPU", runners, threads, BATCH_TOKENS, padding=PADDING,
            runtime=f"onnxruntime {version('onnxruntime')}", cache=options.cache,
        )  # fmt: skip

    def load(self, card: ModelCard, bid: Bid) -> Session:
        """Emit the graph and hand it to ONNX Runtime with the mapped weights."""
        if isinstance(card.network, Foreign):
            from .foreign import onnx as own

            return own.load(card, card.network, bid)
        return OnnxSession(card, bid)


class OnnxSession:
    """A graph in ONNX Runtime; any number of threads may run it at once, each with its own pool of none."""

    def __init__(self, card: ModelCard, bid: Bid) -> None:
        linear: Linear = "integer" if bid.dtype == "int8" else "float"
        form = Form(True, reads_types(card), leaves_unseen(card), at_once=AT_ONCE, linear=linear)
        made = prepared(card, form, bid)
        self._card = card
        self._weights = made.weights  # the runtime reads them where they lie
        self._session = open_session(made.model, self._weights, bid.threads)
        forget_pages(self._weights.values())

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        """Return the asked outputs; see `vectord.core.Session`."""
        names = list(outputs)
        with telling_memory():
            return answers(batch, names, self._session.run(names, feed(batch, self._card, PAD_TO)))

    def close(self) -> None:
        """Free the graph and let go of the weights."""
        del self._session, self._weights


def open_session(
    model: bytes | str, weights: Mapping[str, NDArray[Any]], threads: int
) -> "onnxruntime.InferenceSession":
    """Return an ONNX Runtime session of a graph, or of a file by its path, over weights in memory."""
    silence()
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # spinning threads would take the cores from the server and from other models
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    options.add_external_initializers(list(weights), [tied(array) for array in weights.values()])
    return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def tied(array: NDArray[Any]) -> "onnxruntime.OrtValue":
    """Return a value over an array's own memory."""
    from onnxruntime import OrtValue

    if array.dtype.name == "bfloat16":
        return OrtValue.ortvalue_from_numpy_with_onnx_type(array.view(np.uint16), BFLOAT16)
    return OrtValue.ortvalue_from_numpy(array)


@hookimpl
def register_backends() -> list[Backend]:
    """Offer ONNX Runtime."""
    return [OnnxBackend()]
