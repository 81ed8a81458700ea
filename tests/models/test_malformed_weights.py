"""Weights, damaged: one line names the file or tensor and says what to do."""

import struct
from pathlib import Path

import numpy as np
import pytest

from tests.shared import Checkpoints

from .damage import Cases, both, check, directory, index, lie, raw, shortened, text, weights, without
from .editing import GONE, card_at, edit_weights

WORD = "embeddings.word_embeddings.weight"
TABLE = "embeddings__word_embeddings__weight"
QUERY = "encoder__layer__1__attention__self__query"
CASES: Cases = {
    "no weights": (without("model.safetensors"), ("has no weights: model.safetensors", "is needed")),
    "weights are a directory": (directory("model.safetensors"), ("model.safetensors is not a sound",)),
    "only pickles": (
        both(without("model.safetensors"), text("pytorch_model.bin", "pickle")),
        ("only pickled weights", "never loads", "save_pretrained"),
    ),
    "truncated weights": (shortened(100), ("model.safetensors is not a sound safetensors file",)),
    "empty weights": (raw(b""), ("model.safetensors is not a sound",)),
    "a header longer than the file": (raw(struct.pack("<Q", 2**40) + b"{}"), ("is not a sound",)),
    "a header that is not JSON": (raw(struct.pack("<Q", 3) + b"{[}"), ("is not a sound",)),
    "a pickle by the wrong name": (raw(b"\x80\x02}q\x00." * 10), ("is not a sound",)),
    "a shape that lies": (lie(shape=[33]), ("is not a sound",)),
    "offsets that lie": (lie(data_offsets=[0, 2**40]), ("is not a sound",)),
    "an element type that lies": (lie(dtype="F64"), ("is not a sound",)),
    "an unknown element type": (lie(dtype="X9"), ("is not a sound",)),
    "a tensor missing": (
        weights(encoder__layer__1__output__dense__bias=GONE),
        ("has no tensor encoder.layer.1.output.dense.bias",),
    ),
    "a tensor of the wrong shape": (
        weights(embeddings__position_embeddings__weight=np.zeros((64, 32), np.float32)),
        ("model.safetensors: embedding.position.weight", "[64, 32]", "[512, 32]"),
    ),
    "a transposed tensor": (
        weights(encoder__layer__0__intermediate__dense__weight=np.zeros((32, 64), np.float32)),
        ("[32, 64]", "[64, 32]"),
    ),
    "a scalar": (weights(**{TABLE: np.zeros((), np.float32)}), ("embedding.word.weight has shape []",)),
    "integer weights": (
        weights(**{f"{QUERY}__weight": np.zeros((32, 32), np.int8)}),
        ("layers.1.query.weight is stored as I8", "F32, F16, BF16"),
    ),
    "double weights": (
        weights(**{f"{QUERY}__bias": np.zeros(32, np.float64)}),
        ("layers.1.query.bias is stored as F64",),
    ),
    "an index without a map": (index({}), ("model.safetensors.index.json has no weight_map",)),
    "an index that is a list": (index([]), ("model.safetensors.index.json",)),
    "an index that leaves the checkpoint": (
        index({"weight_map": {WORD: "../model.safetensors"}}),
        ("names '../model.safetensors', which is not in the checkpoint",),
    ),
    "an index with an absolute path": (
        index({"weight_map": {WORD: "/etc/hostname"}}),
        ("which is not in the checkpoint",),
    ),
    "an index that names its parent": (
        index({"weight_map": {WORD: ".."}}),
        ("model.safetensors.index.json",),
    ),
    "an index that names nothing": (index({"weight_map": {WORD: ""}}), ("model.safetensors.index.json",)),
    "an index of numbers": (index({"weight_map": {WORD: 7}}), ("which is not in the checkpoint",)),
    "an index of lists": (index({"weight_map": {WORD: ["a"]}}), ("which is not in the checkpoint",)),
    "a missing shard": (
        index({"weight_map": {WORD: "model-00001-of-00002.safetensors"}}),
        ("model-00001-of-00002.safetensors is missing", "fetch"),
    ),
    "a shard that is a pickle": (
        both(index({"weight_map": {WORD: "pytorch_model.bin"}}), text("pytorch_model.bin", "pickle")),
        ("pytorch_model.bin is not a sound",),
    ),
}


@pytest.mark.parametrize("damage", CASES)
def test_it_is_said(checkpoint: Checkpoints, tmp_path: Path, damage: str) -> None:
    path = checkpoint.copy("bert", tmp_path / "copy")
    apply, words = CASES[damage]
    apply(path)
    check(path, *words)


def test_weights_that_are_not_a_number_load(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bert", tmp_path / "copy")
    edit_weights(path, embeddings__LayerNorm__bias=np.full(32, np.nan, np.float32))
    assert card_at(path).width == 32
