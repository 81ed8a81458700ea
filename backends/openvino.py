"""OpenVINO on CPUs: the emitted graph in any precision that the CPU has."""

from collections.abc import Collection, Mapping
from importlib.metadata import version
from importlib.util import find_spec
from queue import SimpleQueue
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

from .cpu import BATCH_TOKENS, PAD_TO, PADDING, choose_dtype, partition
from .foreign.bid import by_openvino
from .form import Form, Linear
from .padded import answers, feed, leaves_unseen, reads_types
from .prepared import prepared
from .reports import silence
from .signal_stack import signal_stack_kept

if TYPE_CHECKING:
    import openvino

FLOATS: tuple[Dtype, ...] = ("float32", "bfloat16", "float16")
X86 = ("x86_64", "AMD64")
HINTS: dict[Dtype, str] = {"float32": "f32", "bfloat16": "bf16", "float16": "f16"}
# Channels of a row that share a scale when OpenVINO quantises it. Fewer are slower, more less exact; others
# than 128 were tried (docs/performance.md).
GROUP = 128


class OpenVinoBackend:
    """Bids above ONNX Runtime: it measured faster in every precision on x86 CPUs."""

    name = "openvino"

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        """Offer the asked precision if the CPU computes in it."""
        if find_spec("openvino") is None:
            return Refusal("openvino is not installed: pip install openvino")
        if isinstance(card.network, Foreign):
            return by_openvino(card, card.network, hardware, options)
        # only on x86 does it multiply compressed weights in integers
        computes = (*FLOATS, "int8") if hardware.machine in X86 else FLOATS
        dtype = choose_dtype(card, hardware, options, computes)
        if isinstance(dtype, Refusal):
            return dtype
        runners, threads = partition(options.threads)
        score = 60 if dtype == "bfloat16" else 50
        return Bid(
            score, dtype, f"OpenVINO computes in {dtype} on this CPU", runners, threads, BATCH_TOKENS,
            padding=PADDING,
            runtime=f"openvino {version('openvino')}", cache=options.cache,
        )  # fmt: skip

    def load(self, card: ModelCard, bid: Bid) -> Session:
        """Emit the graph and compile it over the mapped weights."""
        if isinstance(card.network, Foreign):
            from .foreign import openvino as own

            return own.load(card, card.network, bid)
        return OpenVinoSession(card, bid)


class OpenVinoSession:
    """A compiled model with one infer request, and one stream of its own, for each runner."""

    def __init__(self, card: ModelCard, bid: Bid) -> None:
        linear: Linear = "compressed" if bid.dtype == "int8" else "float"
        form = Form(True, reads_types(card), leaves_unseen(card), weights_as_inputs=True, linear=linear)
        made = prepared(card, form, bid)
        self._card = card
        self._weights = made.weights  # the compiled model's constants are views of them
        self._model = compile_model(made.model, self._weights, bid, soft=card.keeps_bfloat16)
        self._idle: SimpleQueue[openvino.InferRequest] = SimpleQueue()
        for _ in range(bid.runners):
            self._idle.put(self._model.create_infer_request())
        self._packed = False
        forget_pages(self._weights.values())

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        """Return the asked outputs; see `vectord.core.Session`."""
        names = list(outputs)
        request = self._idle.get()
        try:
            # views of the request's own memory: only what is asked for is copied, before the next run
            given = request.infer(feed(batch, self._card, PAD_TO), share_outputs=True)
            if not self._packed:  # the first run reads the weights, to make packed ones of them
                self._packed = True
                forget_pages(self._weights.values())
            return answers(batch, names, [given[name].copy() for name in names])
        finally:
            self._idle.put(request)

    def close(self) -> None:
        """Free the compiled model and let go of the weights."""
        del self._idle, self._model, self._weights


def compile_model(
    graph: bytes | str, weights: Mapping[str, NDArray[Any]], bid: Bid, *, soft: bool = False
) -> "openvino.CompiledModel":
    """Return a graph, or a file by its path, compiled for the CPU; arrays in memory become its parameters.

    `soft`: what an int8 model computes in float may be computed in bfloat16.
    """
    silence()
    with signal_stack_kept():
        return compiled(graph, weights, bid, soft)


def compiled(
    graph: bytes | str, weights: Mapping[str, NDArray[Any]], bid: Bid, soft: bool
) -> "openvino.CompiledModel":
    """Compile; it changes the thread's stack for signals."""
    import openvino as ov

    core = ov.Core()
    model = core.read_model(graph)
    for parameter in model.get_parameters():
        name = parameter.get_friendly_name()
        if name in weights:
            parameter.output(0).replace(tied(weights[name]).output(0))
            model.remove_parameter(parameter)
    model.validate_nodes_and_infer_types()
    settings = {
        "INFERENCE_NUM_THREADS": bid.runners * bid.threads,
        "NUM_STREAMS": bid.runners,
        # without it OpenVINO takes bfloat16 by itself wherever it can
        "INFERENCE_PRECISION_HINT": HINTS[bid.dtype if bid.dtype != "int8" else beside_int8(core, soft)],
        # pinned threads would fight over cores with other models and with the server
        "ENABLE_CPU_PINNING": False,
        # what is kept for each shape seen is about a megabyte; the default of 5,000 shapes is a leak
        "CPU_RUNTIME_CACHE_CAPACITY": 64,
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP if bid.dtype == "int8" else 0,
    }
    return core.compile_model(model, "CPU", settings)


def beside_int8(core: "openvino.Core", soft: bool) -> Dtype:
    """Return the precision of what an int8 model computes in float."""
    return (
        "bfloat16" if soft and "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES") else "float32"
    )


def tied(array: NDArray[Any]) -> "openvino.op.Constant":
    """Return a constant over an array's own memory."""
    import openvino as ov

    if array.dtype.name == "bfloat16":
        return ov.op.Constant(ov.Tensor(array.view(np.int16), array.shape, ov.Type.bf16), shared_memory=True)
    return ov.op.Constant(array, shared_memory=True)


@hookimpl
def register_backends() -> list[Backend]:
    """Offer OpenVINO."""
    return [OpenVinoBackend()]
