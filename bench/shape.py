"""One way to run a model, as a process: it runs a batch of the shape that each line of input names.

`emitted RUNTIME DTYPE`: vectord's own graph. `exported RUNTIME DTYPE`: what torch.onnx.export makes of the
model in transformers, on the same runtime. `torch`: the model in transformers, as sentence-transformers
runs it. All with the same threads and the same pooling; inputs fill their rows.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vectord.backends.choice import choose, offers
from vectord.backends.reports import silence
from vectord.core import Batch, Encoding, Options
from vectord.hardware import detect
from vectord.models.card import read_card
from vectord.models.resolve import Reference, resolve
from vectord.plugins import backends, load_plugins

Run = Callable[[int, int], None]
ENOUGH = 0.2
HINTS = {"float32": "f32", "bfloat16": "bf16"}


def ids(count: int, length: int) -> "np.ndarray[Any, np.dtype[np.int32]]":
    """Return token ids of a batch."""
    return np.random.default_rng(0).integers(1000, 20_000, (count, length)).astype(np.int32)


def emitted(path: str, runtime: str, dtype: str, threads: int) -> Run:
    """Return vectord's own session."""
    card = read_card("bench", resolve(Reference.parse(path)))
    options = Options(dtype, threads)  # type: ignore[arg-type]  # checked by the backend
    choice = choose(offers(backends(load_plugins()), card, detect(), options), runtime)
    session = choice.backend.load(card, replace(choice.bid, runners=1, threads=threads))

    def run(count: int, length: int) -> None:
        rows = ids(count, length)
        session.run(Batch.of([Encoding(row, np.zeros_like(row)) for row in rows]), ["embedding"])

    return run


def network(path: str, attention: str = "sdpa") -> Any:
    """Return the model in transformers with its pooling."""
    import torch
    from transformers import AutoModel

    causal = "qwen3" in Path(path).name

    class Pooled(torch.nn.Module):  # type: ignore[misc]  # torch is not typed here
        def __init__(self) -> None:
            super().__init__()
            self.model = AutoModel.from_pretrained(
                path, dtype=torch.float32, attn_implementation=attention
            ).eval()

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            states = self.model(input_ids, attention_mask=attention_mask).last_hidden_state
            if causal:
                return states[:, -1]
            weights = attention_mask[..., None].to(states.dtype)
            return (states * weights).sum(1) / weights.sum(1)

    return Pooled()


def exported(path: str, runtime: str, dtype: str, threads: int) -> Run:
    """Return what torch.onnx.export makes, on a runtime."""
    import torch

    folder = tempfile.mkdtemp(dir=Path(path).parent)
    file = f"{folder}/model.onnx"
    example = torch.ones(2, 16, dtype=torch.int64), torch.ones(2, 16, dtype=torch.int64)
    axes, names = {0: "inputs", 1: "width"}, ["input_ids", "attention_mask"]
    with torch.inference_mode():
        # written out attention and the tracing exporter: the fastest of its forms on both runtimes
        torch.onnx.export(
            network(path, attention="eager"), example, file, dynamo=False, opset_version=18,
            input_names=names, output_names=["rows"], dynamic_axes=dict.fromkeys(names, axes),
        )  # fmt: skip
    return on_onnx(file, threads) if runtime == "onnx" else on_openvino(file, dtype, threads)


def feed(count: int, length: int) -> dict[str, Any]:
    """Return the inputs of an exported graph."""
    rows = ids(count, length).astype(np.int64)
    return {"input_ids": rows, "attention_mask": np.ones_like(rows)}


def on_onnx(file: str, threads: int) -> Run:
    """Return an exported graph on ONNX Runtime."""
    silence()
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    # as vectord's own sessions: threads that spin on would take the cores of whoever is measured next
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    return lambda count, length: session.run(None, feed(count, length)) and None


def on_openvino(file: str, dtype: str, threads: int) -> Run:
    """Return an exported graph on OpenVINO."""
    silence()
    import openvino as ov

    settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": HINTS[dtype], "NUM_STREAMS": 1}
    request = ov.Core().compile_model(file, "CPU", settings).create_infer_request()
    return lambda count, length: request.infer(feed(count, length)) and None


def on_torch(path: str, threads: int) -> Run:
    """Return the model in transformers."""
    import torch

    torch.set_num_threads(threads)
    model = network(path)

    def run(count: int, length: int) -> None:
        inputs = {name: torch.from_numpy(value) for name, value in feed(count, length).items()}
        with torch.inference_mode():
            model(**inputs)

    return run


def main() -> None:
    """Answer each line, `COUNT LENGTH`, with the seconds of one run.

    Of several where it is short, and after one that does not count: whoever had the cores before has
    emptied their caches.
    """
    path, kind, *rest = sys.argv[1:]
    threads = detect().cores
    run = on_torch(path, threads) if kind == "torch" else MAKERS[kind](path, *rest, threads)
    run(2, 16)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        count, length = map(int, line.split())
        run(count, length)
        print(json.dumps({"seconds": seconds(run, count, length)}), flush=True)


def seconds(run: Run, count: int, length: int) -> float:
    """Return the seconds of a run, the mean of as many as fit a fifth of a second."""
    runs, start = 0, time.perf_counter()
    while not runs or time.perf_counter() - start < ENOUGH:
        run(count, length)
        runs += 1
    return (time.perf_counter() - start) / runs


MAKERS: dict[str, Any] = {"emitted": emitted, "exported": exported}

if __name__ == "__main__":
    main()
