"""OpenVINO on CPUs: the emitted graph in bfloat16 or float16 where the CPU has them, else in float32."""

import sys
from collections.abc import Collection, Mapping
from importlib.util import find_spec
from queue import SimpleQueue
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
from .foreign.bid import by_openvino
from .padded import answers, feed, leaves_unseen, reads_types

if TYPE_CHECKING:
    import openvino

COMPUTES: tuple[Dtype, ...] = ("float32", "bfloat16", "float16")
HINTS: dict[Dtype, str] = {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}


class OpenVinoBackend:
    """Bids above ONNX Runtime: it measured faster in every precision on x86 CPUs."""

    name = "openvino"

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        """Offer the asked precision if the CPU computes in it."""
        if find_spec("openvino") is None:
            return Refusal("openvino is not installed: pip install openvino")
        if isinstance(card.network, Foreign):
            return by_openvino(card, card.network, hardware, options)
        dtype = choose_dtype(card, hardware, options, COMPUTES)
        if isinstance(dtype, Refusal):
            return dtype
        runners, threads = partition(options.threads)
        score = 60 if dtype == "bfloat16" else 50
        return Bid(
            score, dtype, f"OpenVINO computes in {dtype} on this CPU", runners, threads, BATCH_TOKENS, PAD_TO
        )

    def load(self, card: ModelCard, bid: Bid) -> Session:
        """Emit the graph and compile it over the mapped weights."""
        if isinstance(card.network, Foreign):
            from .foreign import openvino as own

            return own.load(card, card.network, bid)
        return OpenVinoSession(card, bid)


class OpenVinoSession:
    """A compiled model with one infer request, and one stream of its own, for each runner."""

    def __init__(self, card: ModelCard, bid: Bid) -> None:
        from .graph import Form, arrays, emit  # not above: bidding must not import onnx

        form = Form(True, reads_types(card), leaves_unseen(card), weights_as_inputs=True)
        graph = emit(card.arch, card.heads, card.tensors, form, card.max_length)
        self._card = card
        self._weights = arrays(graph)  # the compiled model's constants are views of them
        self._model = compile_model(graph.model.SerializeToString(), self._weights, bid)
        self._idle: SimpleQueue[openvino.InferRequest] = SimpleQueue()
        for _ in range(bid.runners):
            self._idle.put(self._model.create_infer_request())
        forget_pages(self._weights.values())

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        """Return the asked outputs; see `vectord.core.Session`."""
        names = list(outputs)
        request = self._idle.get()
        try:
            # views of the request's own memory: only what is asked for is copied, before the next run
            given = request.infer(feed(batch, self._card, PAD_TO), share_outputs=True)
            return answers(batch, names, [given[name].copy() for name in names])
        finally:
            self._idle.put(request)

    def close(self) -> None:
        """Free the compiled model and let go of the weights."""
        del self._idle, self._model, self._weights


def compile_model(
    graph: bytes | str, weights: Mapping[str, NDArray[np.float32]], bid: Bid
) -> "openvino.CompiledModel":
    """Return a graph, or a file by its path, compiled for the CPU; arrays in memory become its parameters."""
    # Its import reports to Google Analytics, unasked, unless this package cannot be imported.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino as ov

    core = ov.Core()
    model = core.read_model(graph)
    for parameter in model.get_parameters():
        name = parameter.get_friendly_name()
        if name in weights:
            constant = ov.op.Constant(weights[name], shared_memory=True)
            parameter.output(0).replace(constant.output(0))
            model.remove_parameter(parameter)
    model.validate_nodes_and_infer_types()
    settings = {
        "INFERENCE_NUM_THREADS": bid.runners * bid.threads,
        "NUM_STREAMS": bid.runners,
        # without it OpenVINO takes bfloat16 by itself wherever it can
        "INFERENCE_PRECISION_HINT": HINTS[bid.dtype],
        # pinned threads would fight over cores with other models and with the server
        "ENABLE_CPU_PINNING": False,
        # what is kept for each shape seen is about a megabyte; the default of 5,000 shapes is a leak
        "CPU_RUNTIME_CACHE_CAPACITY": 64,
    }
    return core.compile_model(model, "CPU", settings)


@hookimpl
def register_backends() -> list[Backend]:
    """Offer OpenVINO."""
    return [OpenVinoBackend()]
