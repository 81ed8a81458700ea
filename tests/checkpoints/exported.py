"""ONNX and OpenVINO files as repositories carry them beside their weights, or in place of them."""

import inspect
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openvino
import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

BATCH, WIDTH = "batch", "sequence"
# classes by the end of their names, and what they give
CLASSES = {
    "ForSequenceClassification": (AutoModelForSequenceClassification, "logits", {0: BATCH}),
    "ForTokenClassification": (AutoModelForTokenClassification, "logits", {0: BATCH, 1: WIDTH}),
    "Model": (AutoModel, "last_hidden_state", {0: BATCH, 1: WIDTH}),
}


class Wrapped(torch.nn.Module):  # type: ignore[misc]  # torch is untyped here
    """A model as a function of its inputs in order."""

    def __init__(self, model: torch.nn.Module, names: Sequence[str], output: str) -> None:
        super().__init__()
        self.model, self.names, self.output = model, names, output

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.model(**dict(zip(self.names, inputs, strict=True)))[self.output]


def export_onnx(
    path: Path, file: Path, *, output: str | None = None, fixed: bool = False, positions: bool = False
) -> Path:
    """Write a checkpoint's network as an ONNX file.

    `output` is another name for what it gives; `fixed` allows only the example's shape; `positions` makes
    it ask for position ids.
    """
    architecture = AutoConfig.from_pretrained(path).architectures[0]
    kind, given, axes = next(made for end, made in CLASSES.items() if architecture.endswith(end))
    model = kind.from_pretrained(path, dtype=torch.float32).eval()
    wanted = ["input_ids", "attention_mask", "token_type_ids"] + ["position_ids"] * positions
    names = [name for name in wanted if name in inspect.signature(model.forward).parameters]
    model.config.use_cache = False
    file.parent.mkdir(parents=True, exist_ok=True)
    dynamic = {**{name: {0: BATCH, 1: WIDTH} for name in names}, output or given: axes}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tracing warns of itself
        torch.onnx.export(
            Wrapped(model, names, given),
            tuple(example(name) for name in names),
            str(file),
            dynamo=False,
            opset_version=18,
            input_names=names,
            output_names=[output or given],
            dynamic_axes={} if fixed else dynamic,
        )
    return file


def example(name: str) -> torch.Tensor:
    """Return values of one input for the trace."""
    match name:
        case "input_ids":
            return torch.randint(5, 100, (2, 9), generator=torch.Generator().manual_seed(0))
        case "attention_mask":
            return torch.tensor([[1] * 9, [1] * 6 + [0] * 3])
        case "position_ids":
            return torch.arange(9).expand(2, 9).contiguous()
        case _:
            return torch.zeros(2, 9, dtype=torch.int64)


def export_openvino(path: Path, file: Path) -> Path:
    """Write a checkpoint's network as an OpenVINO file: XML, and weights beside it."""
    onnx = export_onnx(path, file.with_suffix(".onnx"))
    openvino.save_model(openvino.convert_model(onnx), file, compress_to_fp16=False)
    onnx.unlink()
    return file


def trace_openvino(path: Path, file: Path, names: Sequence[str]) -> Path:
    """Write an encoder or decoder as an OpenVINO file straight from torch, with OpenVINO's own attention."""
    model = Wrapped(AutoModel.from_pretrained(path, use_cache=False).eval(), names, "last_hidden_state")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = openvino.convert_model(model, example_input=tuple(map(example, names)))
    for port, name in zip((*made.inputs, *made.outputs), (*names, "last_hidden_state"), strict=True):
        port.get_tensor().set_names({name})
    file.parent.mkdir(parents=True, exist_ok=True)
    openvino.save_model(made, file, compress_to_fp16=False)
    return file
