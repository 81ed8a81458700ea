"""A card's graph and arrays for a runtime: emitted and quantised, or taken from the cache."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from math import prod
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from vectord import models
from vectord.core import Bid, ModelCard, StoredTensor
from vectord.models.stored import tensors_of
from vectord.models.weights import view

from .cache import kept
from .form import Form
from .matrices import write_matrices
from .weights import stored

GRAPH, NAMES, MATRICES = "graph.onnx", "names.json", "matrices.safetensors"
GRAPH_BYTES = 1_000_000  # about what a graph takes


@dataclass(frozen=True, slots=True)
class Prepared:
    """An emitted graph and the arrays of its parameters, by name."""

    model: bytes
    weights: dict[str, NDArray[Any]]


def prepared(card: ModelCard, form: Form, bid: Bid) -> Prepared:
    """Return the card's network in a form, from the cache where there is one."""
    found = kept(
        bid.cache if bid.runtime else None,
        card_key(card, form, bid.dtype, bid.runtime),
        GRAPH_BYTES + (0 if form.linear == "float" else matrix_bytes(card.tensors)),
        lambda folder: write(folder, card, form),
        lambda folder: read(folder, card),
    )
    return found or emitted(card, form)


def card_key(card: ModelCard, *more: object) -> str:
    """Return a digest of all that decides a card's network and its arrays, and of `more`."""
    names = sorted(card.tensors)
    places = places_of(card, [card.tensors[name] for name in names])
    said = (card.fingerprint, card.network, card.heads, card.max_length, names, places, emitter(), more)
    return sha256(repr(said).encode()).hexdigest()


def places_of(card: ModelCard, tensors: Iterable[StoredTensor]) -> list[tuple[Any, ...]]:
    """Return where tensors lie, wherever the checkpoint does."""
    files = {file: number for number, file in enumerate(files_of(card))}
    return [(files[one.file], one.offset, one.dtype, one.shape) for one in tensors]


def files_of(card: ModelCard) -> list[Path]:
    """Return the checkpoint's files of weights, in a fixed order."""
    return sorted({one.file for one in card.tensors.values()})


@cache
def emitter() -> str:
    """Return the emitter's version: that of the package, and a digest of what emits."""
    whole = sha256(version("vectord").encode())
    folders = (Path(__file__).parent, Path(__file__).parent / "graph", Path(models.__file__).parent)
    for file in sorted(file for folder in folders for file in folder.iterdir()):
        if file.suffix in (".py", ".txt"):
            whole.update(file.read_bytes())
    return whole.hexdigest()


def emitted(card: ModelCard, form: Form) -> Prepared:
    """Emit and quantise in memory."""
    from .graph import arrays, emit  # not above: what is in the cache must not wait for onnx

    graph = emit(card.arch, card.heads, card.tensors, form, card.max_length)
    return Prepared(graph.model.SerializeToString(), arrays(graph))


def write(folder: Path, card: ModelCard, form: Form) -> None:
    """Emit and quantise into files."""
    from .graph import emit

    graph = emit(card.arch, card.heads, card.tensors, form, card.max_length)
    (folder / GRAPH).write_bytes(graph.model.SerializeToString())
    weights = {key: places_of(card, parts) for key, parts in graph.weights.items()}
    (folder / NAMES).write_text(json.dumps({"weights": weights, "quantised": list(graph.quantised)}))
    if graph.quantised:
        write_matrices(folder / MATRICES, graph.quantised)


def read(folder: Path, card: ModelCard) -> Prepared:
    """Read what `write` wrote; matrices stay in the mapped file."""
    names = json.loads((folder / NAMES).read_text())
    files = files_of(card)
    weights = {
        key: tuple(
            StoredTensor(files[file], offset, kind, tuple(shape)) for file, offset, kind, shape in places
        )
        for key, places in names["weights"].items()
    }
    arrays = stored(weights)
    if names["quantised"]:
        found = tensors_of(folder / MATRICES)
        arrays.update({name: view(found[name]) for name in names["quantised"]})
    return Prepared((folder / GRAPH).read_bytes(), arrays)


def matrix_bytes(tensors: Mapping[str, StoredTensor]) -> int:
    """Return the bytes of the layers' matrices in 8 bits."""
    return sum(prod(one.shape) for name, one in tensors.items() if name.startswith("layers."))
