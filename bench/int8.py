"""`python -m bench.int8`: ways to compute in 8 bits beside float, in one process, rounds interleaved."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from vectord.backends import openvino
from vectord.backends.form import Form
from vectord.backends.graph import Graph, arrays, emit
from vectord.backends.onnx import open_session
from vectord.backends.padded import Feed, reads_types
from vectord.backends.padded import feed as padded
from vectord.core import Batch, Bid, Dtype, Encoding, ModelCard
from vectord.hardware import detect
from vectord.models.card import read_card
from vectord.models.resolve import DEFAULT_MODEL, Reference, resolve

from .int8_forms import Emit, blocks, marked_rows, symmetric_rows, whole_tensor
from .models import write_model

SHAPES = ((1, 128), (8, 64), (32, 16), (8, 512))
EMITTER = "vectord.backends.graph.builder.emit_linear"

Run = Callable[[Feed], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Way:
    """One way: an emitter of its own where it has one, and what OpenVINO is told."""

    name: str
    runtime: str
    dtype: Dtype
    linear: Emit | None = None
    group: int = openvino.GROUP
    soft: bool = True


WAYS = (
    Way("onnx float32", "onnx", "float32"),
    Way("onnx int8, rows from least to largest (in use)", "onnx", "int8"),
    Way("onnx int8, rows, symmetric", "onnx", "int8", symmetric_rows),
    Way("onnx int8, whole tensor (DynamicQuantizeMatMul)", "onnx", "int8", whole_tensor),
    Way("onnx int8, blocks of 128 (MatMulNBits)", "onnx", "int8", blocks),
    Way("openvino float32", "openvino", "float32"),
    Way("openvino bfloat16", "openvino", "bfloat16"),
    Way("openvino int8, groups of 128, bfloat16 beside (in use)", "openvino", "int8"),
    Way("openvino int8, groups of 128, float32 beside", "openvino", "int8", soft=False),
    Way("openvino int8, groups of 32, bfloat16 beside", "openvino", "int8", group=32),
    Way("openvino int8, groups of 384, bfloat16 beside", "openvino", "int8", group=384),
    Way("openvino int8, rows, marked in standard operators", "openvino", "int8", marked_rows),
)


def main() -> None:
    """Measure and print Markdown tables."""
    parser = argparse.ArgumentParser("bench.int8", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--model", choices=("default", "bert-base"), action="append")
    arguments = parser.parse_args()
    print(
        f"{detect().cpu}, one thread; medians of {arguments.rounds} rounds: times onnx float32, and tokens/s"
    )
    for model in arguments.model or ("default", "bert-base"):
        with tempfile.TemporaryDirectory() as folder:
            path = DEFAULT_MODEL if model == "default" else str(write_model(model, Path(folder)))
            card = read_card("bench", resolve(Reference.parse(path)))
            print(f"\n{model}\n\n{table(card, arguments.rounds)}", flush=True)


def table(card: ModelCard, rounds: int) -> str:
    """Measure one model."""
    running = {way.name: opened(card, way) for way in WAYS}
    shapes = [(count, min(length, card.max_length)) for count, length in SHAPES]
    columns = [column(running, feed_of(card, *shape), rounds) for shape in shapes]
    head = ["", *(f"{count} x {length}" for count, length in shapes), "least cosine"]
    lines = [head, ["---"] * len(head)]
    for name in running:
        figures = [one[name] for one in columns]
        cells = [f"{times:.2f} ({tokens:,.0f})" for times, tokens, _ in figures]
        lines.append([name, *cells, f"{min(cosine for _, _, cosine in figures):.5f}"])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def opened(card: ModelCard, way: Way) -> Run:
    """Return a function that runs one way."""
    if way.runtime == "onnx":
        graph = emitted(card, way, Form(True, reads_types(card), linear=linear_of(way, "integer")))
        session = open_session(graph.model.SerializeToString(), arrays(graph), 1)
        return lambda feed: np.asarray(session.run(["embedding"], feed)[0])
    form = Form(True, reads_types(card), weights_as_inputs=True, linear=linear_of(way, "compressed"))
    graph, bid = emitted(card, way, form), Bid(1, way.dtype, "")
    with patch.object(openvino, "GROUP", way.group):
        compiled = openvino.compile_model(graph.model.SerializeToString(), arrays(graph), bid, soft=way.soft)
    request = compiled.create_infer_request()
    return lambda feed: np.array(request.infer(feed)["embedding"])


def linear_of(way: Way, int8: Any) -> Any:
    """Return the form's word for linear maps."""
    return int8 if way.dtype == "int8" else "float"


def emitted(card: ModelCard, way: Way, form: Form) -> Graph:
    """Emit with the way's own linear map, if it has one."""
    # ways of their own may use ONNX Runtime's operators, whose domain comes with this form
    form = replace(form, linear="integer") if way.linear not in (None, marked_rows) else form
    if way.linear is None:
        return emit(card.arch, card.heads, card.tensors, form, card.max_length)
    with patch(EMITTER, way.linear):
        return emit(card.arch, card.heads, card.tensors, form, card.max_length)


def feed_of(card: ModelCard, count: int, length: int) -> Feed:
    """Return a batch in which half of the inputs are a little shorter."""
    random = np.random.default_rng(0)
    lengths = np.full(count, length, np.int32)
    lengths[count // 2 :] -= length // 8
    rows = [random.integers(1000, 20_000, size).astype(np.int32) for size in lengths]
    return padded(Batch.of([Encoding(ids, np.zeros_like(ids)) for ids in rows]), card, 1)


def column(running: dict[str, Run], feed: Feed, rounds: int) -> dict[str, tuple[float, float, float]]:
    """Return each way's speed-up over the first, tokens per second and least cosine to the first."""
    rows = {name: run(feed) for name, run in running.items()}
    seconds: dict[str, list[float]] = {name: [] for name in running}
    for _ in range(rounds):
        for name, run in running.items():
            start = time.perf_counter()
            run(feed)
            seconds[name].append(time.perf_counter() - start)
    first = next(iter(running))
    return {
        name: (
            statistics.median(a / b for a, b in zip(seconds[first], seconds[name], strict=True)),
            feed["token_ids"].size / statistics.median(seconds[name]),
            least_cosine(rows[first], rows[name]),
        )
        for name in running
    }


def least_cosine(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the least cosine of two rows."""
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return float(((one * other).sum(axis=1) / lengths).min())


if __name__ == "__main__":
    main()
