"""The emitted graph itself: both of its forms, and the weights that it is tied to."""

import json
from collections.abc import Iterable
from math import prod
from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import pytest
from safetensors.numpy import load_file, save_file

from tests.shared import Checkpoints
from vectord.backends.graph import Form, blocks, emit
from vectord.backends.graph.weights import arrays
from vectord.backends.onnx import open_session
from vectord.backends.openvino import compile_model
from vectord.backends.padded import Feed, feed, reads_types
from vectord.core import Batch, Bid, Encoding, StoredTensor

from .running import BACKENDS, Model, Rows, farthest

FAMILIES = (
    "bert",
    "bert_rerank",
    "modernbert",
    "qwen3",
    "gemma2",
    "gemma3",
    "deberta_rerank",
    "qwen3_rerank_padded",
    "mpnet",
    "jina",
    "jina_code",
    "gte",
    "bert_splade",
    "bge_m3",
    "gte_rerank",
    "nomic_scaled",
    "nomic_moe",
)


OF_PADDING = ("lengths", "places", "token_at")  # what a form without a mask does not read


def equal_batch(model: Model) -> Batch:
    """Return inputs of one length, long enough for every windowed layer to leave something out."""
    longest = model.encodings()[-1]
    spans = [slice(start, start + 64) for start in (0, 9, 31)]
    return Batch.of([Encoding(longest.token_ids[span], longest.type_ids[span]) for span in spans])


def on_onnx(model: Model, form: Form, inputs: Feed) -> Rows:
    card = model.card
    graph = emit(card.arch, card.heads, card.tensors, form, card.max_length)
    weights = arrays(graph)
    rows: Rows = open_session(graph.model.SerializeToString(), weights, 1).run(None, inputs)[0]
    return rows


def on_openvino(model: Model, form: Form, inputs: Feed) -> Rows:
    card = model.card
    graph = emit(card.arch, card.heads, card.tensors, form, card.max_length)
    weights = arrays(graph)
    compiled = compile_model(graph.model.SerializeToString(), weights, Bid(1, "float32", ""))
    rows: Rows = compiled.create_infer_request().infer(inputs)[0]
    return rows


@pytest.mark.parametrize("family", FAMILIES)
def test_without_a_mask_full_rows_give_the_same(checkpoint: Checkpoints, family: str) -> None:
    model = Model.at(checkpoint(family, "odd"))
    card, batch = model.card, equal_batch(model)
    types = reads_types(card)
    masked = feed(batch, card, 1)
    free = {name: value for name, value in masked.items() if name not in OF_PADDING}
    assert (
        farthest(on_onnx(model, Form(True, types), masked), on_onnx(model, Form(False, types), free)) < 1e-5
    )
    assert (
        farthest(
            on_openvino(model, Form(True, types, weights_as_inputs=True), masked),
            on_openvino(model, Form(False, types, weights_as_inputs=True), free),
        )
        < 1e-5
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_what_stands_in_the_padding_does_not_matter(checkpoint: Checkpoints, family: str) -> None:
    model = Model.at(checkpoint(family))
    card = model.card
    inputs = feed(Batch.of(model.encodings()[:8]), card, 32)
    width = inputs["token_ids"].shape[1]
    padding = np.arange(width) >= inputs["lengths"][:, None]
    assert padding.any()
    noisy = dict(inputs, token_ids=np.where(padding, 7, inputs["token_ids"]).astype(np.int32))
    form = Form(True, reads_types(card))
    # what experts compute of a token is rounded by how many others chose them
    allowed = 1e-6 if family == "nomic_moe" else 0
    np.testing.assert_allclose(on_onnx(model, form, noisy), on_onnx(model, form, inputs), 0, allowed)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("masked", [True, False])
def test_the_graph_is_sound_and_carries_no_weights(
    checkpoint: Checkpoints, family: str, masked: bool
) -> None:
    card = Model.at(checkpoint(family)).card
    form = Form(masked, weights_as_inputs=True)
    graph = emit(card.arch, card.heads, card.tensors, form, card.max_length)
    onnx.checker.check_model(graph.model, full_check=True)
    stored = {tensor for parts in graph.weights.values() for tensor in parts}
    assert elements(stored) == elements(set(card.tensors.values()))
    kept = {one.name for one in graph.model.graph.initializer}
    assert not kept & set(graph.weights)


def elements(tensors: Iterable[StoredTensor]) -> int:
    """Count the numbers; experts are parts of tensors."""
    return sum(prod(tensor.shape) for tensor in tensors)


@pytest.mark.parametrize("backend", BACKENDS)
def test_weights_that_lie_at_odd_offsets(checkpoint: Checkpoints, tmp_path: Path, backend: str) -> None:
    """The format does not ask for aligned tensors; only most writers align them."""
    plain = Model.at(checkpoint("bert"))
    path = checkpoint.copy("bert", tmp_path / "odd")
    shift(path / "model.safetensors")
    model = Model.at(path)
    assert any(tensor.offset % 4 for tensor in model.card.tensors.values())
    encodings = plain.encodings()
    wanted = plain.run(plain.load(backend), encodings)
    assert farthest(model.run(model.load(backend), encodings), wanted) < 1e-6


def shift(file: Path) -> None:
    """Make the header of a safetensors file one byte longer than a multiple of four."""
    data = file.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8 : 8 + length])).encode()
    header += b" " * (5 - len(header) % 4)
    file.write_bytes(len(header).to_bytes(8, "little") + header + data[8 + length :])


@pytest.mark.parametrize("family", FAMILIES)
def test_block_by_block_gives_the_same(
    checkpoint: Checkpoints, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "PAIRS", 700)
    model = Model.at(checkpoint(family, "odd"))
    card, types = model.card, reads_types(model.card)
    inputs = feed(Batch.of(model.encodings()), card, 16)
    at_once, in_blocks = Form(True, types), Form(True, types, at_once=24)
    assert farthest(on_onnx(model, at_once, inputs), on_onnx(model, in_blocks, inputs)) < 1e-5
    short = feed(Batch.of(sorted(model.encodings(), key=len)[:3]), card, 8)
    assert farthest(on_onnx(model, at_once, short), on_onnx(model, in_blocks, short)) < 1e-5


@pytest.mark.parametrize("backend", ["onnx", "openvino"])
@pytest.mark.parametrize("kind", [np.float16, ml_dtypes.bfloat16])
@pytest.mark.parametrize("family", ["bert", "nomic_moe", "deberta"])
def test_weights_in_16_bits_are_widened_in_the_graph(
    checkpoint: Checkpoints, tmp_path: Path, family: str, kind: type[np.generic], backend: str
) -> None:
    narrow, wide = (Model.at(recast(checkpoint, family, tmp_path / str(size), kind, size)) for size in (2, 4))
    card, encodings = narrow.card, narrow.encodings()
    graph = emit(card.arch, card.heads, card.tensors, Form(True), card.max_length)
    assert {array.itemsize for array in arrays(graph).values()} == {2}
    wanted = wide.run(wide.load(backend), encodings)
    assert farthest(narrow.run(narrow.load(backend), encodings), wanted) < 1e-5


def recast(checkpoint: Checkpoints, family: str, path: Path, kind: type[np.generic], size: int) -> Path:
    """Round a checkpoint's weights to a type of 16 bits, and store them in two bytes or in four."""
    checkpoint.copy(family, path)
    tensors = load_file(path / "model.safetensors")
    rounded = {name: tensor.astype(kind) for name, tensor in tensors.items()}
    stored = {name: one if size == 2 else one.astype(np.float32) for name, one in rounded.items()}
    save_file(stored, path / "model.safetensors", {"format": "pt"})
    return path
