"""Our parameter names to places on disk, through a family's names; shapes are checked on the way."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

from vectord.core import Head, Network, StoredTensor
from vectord.errors import CheckpointError

from .families import Bare, Family, Rows, Stored
from .parameters import Shape, parameters
from .weights import ELEMENT, part

# What files may call a parameter, today's word first: old checkpoints have others for a norm's scale and
# shift, and torch's parametrizations for a matrix and what is added to it.
WORDS = {
    "weight": ("weight", "gamma", "parametrizations.weight.original"),
    "bias": ("bias", "beta"),
    "lora_a": ("parametrizations.weight.0.lora_A",),
    "lora_b": ("parametrizations.weight.0.lora_B",),
}


def named_tensors(
    path: Path, family: Family, network: Network, heads: Iterable[Head], stored: Mapping[str, StoredTensor]
) -> dict[str, StoredTensor]:
    """Return every parameter's place. Raises `CheckpointError` for one that is missing or misshapen."""
    return {
        name: checked(name, shape, find(path, family, name, stored))
        for name, shape in parameters(network, heads).items()
    }


def find(path: Path, family: Family, name: str, stored: Mapping[str, StoredTensor]) -> StoredTensor:
    """Return one parameter's place by the family's name for it."""
    if name in stored:  # a sentence-transformers module, already under our name
        return stored[name]
    declared, word = stored_names(family, name)
    for one, prefix in product(declared, family.prefixes):
        for spelling in spelled(one, word):
            tensor = stored.get(f"{prefix}{spelling}")
            if tensor is not None:
                return rows_of(tensor, one) if isinstance(one, Rows) else tensor
    missing = spelled(declared[0], word)[0]
    raise CheckpointError(
        f"{path} has no tensor {missing}, which {family.name} needs: the checkpoint is not whole, "
        "fetch or save it again"
    )


def stored_names(family: Family, name: str) -> tuple[tuple[Stored, ...], str]:
    """Return the family's names for a parameter, its layer filled in, and our word for its kind."""
    stem, word = name.rsplit(".", 1)
    parts = stem.split(".")
    in_layer = parts[0] == "layers"
    declared = family.names[".".join(["layers", "{i}", *parts[2:]]) if in_layer else stem]
    several = declared if isinstance(declared, tuple) else (declared,)
    return tuple(filled(one, parts[1]) if in_layer else one for one in several), word


def filled(declared: Stored, layer: str) -> Stored:
    """Return a name with the number of its layer."""
    if isinstance(declared, str):
        return declared.format(i=layer)
    return replace(declared, name=declared.name.format(i=layer))


def spelled(declared: Stored, word: str) -> tuple[str, ...]:
    """Return what a file may call a tensor, today's spelling first."""
    if isinstance(declared, Bare):
        return (declared.name,)
    base = declared.name if isinstance(declared, Rows) else declared
    return tuple(f"{base}.{one}" for one in WORDS[word])


def rows_of(tensor: StoredTensor, rows: Rows) -> StoredTensor:
    """Return the part of a tensor that holds one parameter."""
    if not tensor.shape or tensor.shape[0] % rows.of:
        raise CheckpointError(
            f"{tensor.file}: {rows.name} has shape {list(tensor.shape)}, whose rows {rows.of} parameters "
            "cannot share: config.json and weights are not of one checkpoint"
        )
    return part(tensor, rows.part, rows.of)


def checked(name: str, shape: Shape, tensor: StoredTensor) -> StoredTensor:
    """Return the tensor if it has the shape and an element type that weights come in."""
    if tensor.shape != shape:
        raise CheckpointError(
            f"{tensor.file}: {name} has shape {list(tensor.shape)}, config.json asks for {list(shape)}: "
            "they are not of one checkpoint"
        )
    if tensor.dtype not in ELEMENT:
        raise CheckpointError(
            f"{tensor.file}: {name} is stored as {tensor.dtype}; use a checkpoint in {', '.join(ELEMENT)}"
        )
    return tensor
