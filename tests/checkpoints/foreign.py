"""Checkpoints of networks that transformers does not know, written without it."""

import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from .layout import rename, write_json
from .recipe import Foreign, Json
from .weights import tensors


def write_foreign(foreign: Foreign, config: Json, dtype: str, out: Path, seed: str) -> None:
    """Write the weights that config.json asks for."""
    out.mkdir(parents=True, exist_ok=True)
    drawn = tensors(foreign.shapes(config), seed)
    stored = {name: tensor.to(getattr(torch, dtype)) for name, tensor in drawn.items()}
    save_file(stored, out / "model.safetensors", {"format": "pt"})


def resave_foreign(foreign: Foreign, published: Path) -> None:
    """Make a published checkpoint what another hand saves, in its place."""
    config = json.loads((published / "config.json").read_text())
    changes = foreign.changes(config)
    kept = {key: value for key, value in config.items() if key not in changes}
    added = {key: value for key, value in changes.items() if value is not None}
    write_json(published / "config.json", kept | added)
    rename(published, "", foreign.prefix)
