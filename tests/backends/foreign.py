"""Checkpoints of architectures that no family declares, with files of their own."""

from pathlib import Path

import numpy as np

from tests.checkpoints import reference
from tests.checkpoints.exported import export_onnx, export_openvino
from tests.shared import Checkpoints

from .running import INPUTS, Rows

ONNX, XML = "onnx/model.onnx", "openvino/openvino_model.xml"
# how each way to run such a network is called here: the backend, and the file that it runs
FALLBACKS = {
    "onnx": ("onnx", ONNX),
    "openvino": ("openvino", XML),
    "openvino from onnx": ("openvino", ONNX),
    "transformers": ("torch", None),
}


def with_file(checkpoint: Checkpoints, to: Path, name: str, file: str | None) -> Path:
    """Return a copy of a checkpoint, with a file of its own."""
    path = checkpoint.copy(name, to / name)
    if file is not None:
        export = export_onnx if file == ONNX else export_openvino
        export(path, path / file)
    return path


def pooled_alone(path: Path) -> Rows:
    """Return the embeddings of the inputs, each computed with nothing beside it."""
    return np.concatenate([reference.pooled(path, [text]) for text in INPUTS])
