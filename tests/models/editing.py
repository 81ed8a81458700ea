"""Changing a copy of a checkpoint."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file

from vectord.core import ModelCard, Pooling, Task
from vectord.models.card import read_card
from vectord.models.resolve import Place

GONE = object()  # a key with this value is taken out
Tensors = dict[str, NDArray[Any]]


def card_at(path: Path, pooling: Pooling | None = None, task: Task | None = None) -> ModelCard:
    return read_card("name", Place(str(path), path, None), pooling, task)


def edit(file: Path, changes: Mapping[str, Any]) -> None:
    """Change keys of a JSON object; the file is made if it is not there."""
    values = json.loads(file.read_text()) if file.exists() else {}
    values.update(changes)
    write(file, {key: value for key, value in values.items() if value is not GONE})


def write(file: Path, value: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value))


def edit_weights(path: Path, **changes: Any) -> None:
    """Change tensors of model.safetensors, double underscores standing for dots."""
    tensors: Tensors = load_file(path / "model.safetensors")
    tensors.update({name.replace("__", "."): value for name, value in changes.items()})
    kept = {name: value for name, value in tensors.items() if value is not GONE}
    save_file(kept, path / "model.safetensors", {"format": "pt"})


def add_dense(path: Path, in_size: int, out_size: int, *, bias: bool = True, **config: Any) -> Path:
    """Put a Dense module between Pooling and Normalize; return its folder."""
    modules = json.loads((path / "modules.json").read_text())
    number, folder = len(modules), f"{len(modules)}_Dense"
    kind = "sentence_transformers.models.Dense"
    entry = {"idx": number, "name": str(number), "path": folder, "type": kind}
    write(path / "modules.json", [*modules[:-1], entry, modules[-1]])
    activation = "torch.nn.modules.activation.Tanh"
    settings = {"in_features": in_size, "out_features": out_size, "bias": bias}
    write(path / folder / "config.json", {"activation_function": activation, **settings, **config})
    random = np.random.default_rng(0)
    tensors = {"linear.weight": random.normal(size=(out_size, in_size)).astype(np.float32) / in_size**0.5}
    if bias:
        tensors["linear.bias"] = random.normal(size=out_size).astype(np.float32)
    save_file(tensors, path / folder / "model.safetensors")
    return path / folder
