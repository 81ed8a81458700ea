"""The tensors that lie in a checkpoint's safetensors files, found by their headers alone."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from vectord.core import StoredTensor
from vectord.errors import CheckpointError

from .config import brief, read_json

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
PICKLES = ("pytorch_model.bin", "pytorch_model.bin.index.json", "model.pt", "model.bin")


def stored_tensors(path: Path) -> dict[str, StoredTensor]:
    """Return every tensor of a checkpoint directory by its stored name. Raises `CheckpointError`."""
    found: dict[str, StoredTensor] = {}
    for file in weight_files(path):
        found.update(tensors_of(file))
    return found


def is_stored(path: Path) -> bool:
    """Whether a checkpoint has safetensors."""
    return (path / SINGLE).exists() or (path / INDEX).exists()


def weight_files(path: Path) -> list[Path]:
    """Return the safetensors files of a checkpoint, in a fixed order."""
    if (path / SINGLE).exists():
        return [path / SINGLE]
    if (path / INDEX).exists():
        return shards(path)
    if any((path / name).exists() for name in PICKLES):
        raise CheckpointError(
            f"{path} has only pickled weights, which vectord never loads: convert them to {SINGLE} "
            "(transformers: `model.save_pretrained(dir)`)"
        )
    raise CheckpointError(
        f"{path} has no weights: {SINGLE} or {INDEX} is needed (pickles are neither fetched nor loaded)"
    )


def shards(path: Path) -> list[Path]:
    """Return the files that an index names; they must lie in the checkpoint's own directory."""
    index = read_json(path / INDEX)
    names = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(names, dict) or not names:
        raise CheckpointError(f"{path / INDEX} has no weight_map; fetch it again")
    for name in names.values():
        if not isinstance(name, str) or Path(name).name != name:
            raise CheckpointError(
                f"{path / INDEX} names {brief(name)[:80]!r}, which is not in the checkpoint and never opened"
            )
        if not (path / name).is_file():
            raise CheckpointError(f"{path / name} is missing; {INDEX} names it: fetch the checkpoint again")
    return [path / name for name in sorted(set(names.values()))]


def tensors_of(file: Path) -> dict[str, StoredTensor]:
    """Return the tensors of one file. Raises `CheckpointError` when header and size disagree."""
    try:
        with safe_open(file, framework="numpy"):  # checks header, offsets and file size
            pass
        start, header = read_header(file)
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckpointError(
            f"{file} is not a sound safetensors file: {brief(error)}; fetch it again"
        ) from None
    return {
        name: StoredTensor(file, start + entry["data_offsets"][0], entry["dtype"], tuple(entry["shape"]))
        for name, entry in header.items()
        if name != "__metadata__"
    }


def read_header(file: Path) -> tuple[int, Mapping[str, Any]]:
    """Return where the data begins and the header: eight bytes of length, then JSON."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        return 8 + length, json.loads(stream.read(length))
