"""Which family a config.json is of, and what is read of those that share a name."""

from pathlib import Path
from typing import Any

import pytest

from tests.shared import Checkpoints
from vectord.core import (
    Alibi,
    Arch,
    Buckets,
    Experts,
    Gated,
    LayerNorm,
    Ntk,
    OwnLength,
    Plain,
    PostNorm,
    Rotary,
    TwicePostNorm,
)

from .editing import GONE, card_at, edit

TEXT, CODE = "jinaai/jina-bert-implementation", "jinaai/jina-bert-v2-qk-post-norm"


def arch_of(checkpoint: Checkpoints, family: str, **options: Any) -> Arch:
    return card_at(checkpoint(family, **options)).arch


@pytest.mark.parametrize(
    ("checkpoint_name", "family"),
    [
        ("bert", "bert"),
        ("jina", "jina_bert"),
        ("jina_rerank", "jina_bert"),
        ("jina_code", "jina_bert_code"),
        ("nomic", "nomic_bert"),
        ("nomic_scaled", "nomic_bert"),
        ("nomic_moe", "nomic_bert_moe"),
        ("gte", "new"),
        ("gte_arctic", "gte"),
    ],
)
def test_families_that_share_a_model_type(checkpoint: Checkpoints, checkpoint_name: str, family: str) -> None:
    assert card_at(checkpoint(checkpoint_name)).family == family


@pytest.mark.parametrize(
    "changes",
    [
        {"_name_or_path": GONE},
        {"auto_map": GONE, "_name_or_path": "/home/somebody/model"},
        {"auto_map": {"AutoModel": "modeling_bert.JinaBertModel"}, "_name_or_path": "org/tuned"},
        {"auto_map": GONE, "_name_or_path": TEXT},
    ],
)
def test_jina_bert_by_any_of_its_signs(checkpoint: Checkpoints, tmp_path: Path, changes: Any) -> None:
    path = checkpoint.copy("jina", tmp_path / "copy")
    edit(path / "config.json", changes)
    assert card_at(path).family == "jina_bert"


@pytest.mark.parametrize("gone", ["_name_or_path", "auto_map"])
def test_the_code_model_by_either_pointer(checkpoint: Checkpoints, tmp_path: Path, gone: str) -> None:
    path = checkpoint.copy("jina_code", tmp_path / "copy")
    edit(path / "config.json", {gone: GONE})
    assert card_at(path).family == "jina_bert_code"


@pytest.mark.parametrize("value", [None, 3, ["a"], {"AutoModel": ["a", None]}])
def test_pointers_of_any_type_are_no_reason_to_fail(
    checkpoint: Checkpoints, tmp_path: Path, value: Any
) -> None:
    path = checkpoint.copy("bert", tmp_path / "copy")
    edit(path / "config.json", {"auto_map": value, "_name_or_path": value})
    assert card_at(path).family == "bert"


@pytest.mark.parametrize("style", ["published", "resaved"])
def test_jina_bert(checkpoint: Checkpoints, style: Any) -> None:
    arch = arch_of(checkpoint, "jina", style=style)
    assert {layer.attention.position for layer in arch.layers} == {Alibi()}
    assert {layer.mlp for layer in arch.layers} == {Gated(64, "gelu", bias=False, out_bias=True)}
    assert {layer.wiring for layer in arch.layers} == {PostNorm()}
    assert arch.embedding.position is None
    assert arch_of(checkpoint, "jina_rerank").layers[0].mlp == Gated(64, "relu", bias=False, out_bias=True)


@pytest.mark.parametrize("style", ["published", "resaved"])
def test_the_code_model(checkpoint: Checkpoints, style: Any) -> None:
    card = card_at(checkpoint("jina_code", style=style))
    layer = card.arch.layers[0]
    assert (layer.wiring, layer.attention.position) == (TwicePostNorm(), Alibi())
    assert (layer.attention.qk_norm, layer.attention.qk_norm_whole) == (LayerNorm(1e-12), True)
    assert card.tensors["layers.0.query_norm.weight"].shape == (32,)
    # here the gate is the second half of the fused rows, in the text models the first
    up, gate = (card.tensors[f"layers.0.{name}.weight"] for name in ("up", "gate"))
    assert gate.offset - up.offset == 64 * 32 * 2
    assert {tensor.dtype for tensor in card.tensors.values()} == {"F16"}


def test_experts_stand_in_every_second_layer(checkpoint: Checkpoints) -> None:
    arch = arch_of(checkpoint, "nomic_moe")
    plain, mixed = Plain(64, "gelu", bias=True), Experts(64, "gelu", count=8, top=2)
    assert [layer.mlp for layer in arch.layers] == [plain, mixed, plain, mixed]
    assert arch.layers[0].attention.bias
    assert arch.layers[0].attention.out_bias


@pytest.mark.parametrize("every", [0, -1])
def test_without_experts_every_mlp_is_plain(checkpoint: Checkpoints, tmp_path: Path, every: int) -> None:
    path = checkpoint.copy("nomic", tmp_path / "copy")
    edit(path / "config.json", {"moe_every_n_layers": every})
    assert {type(layer.mlp) for layer in card_at(path).arch.layers} == {Gated}


def test_scaling_by_length_is_for_longer_texts_than_those_of_the_training(
    checkpoint: Checkpoints, tmp_path: Path
) -> None:
    path = checkpoint.copy("nomic_scaled", tmp_path / "copy")
    assert card_at(path).arch.layers[0].attention.position == Rotary(1000.0, OwnLength(2.0, 64))
    edit(path / "config.json", {"max_trained_positions": 8192})
    assert card_at(path).arch.layers[0].attention.position == Rotary(1000.0)


def test_the_stretch_of_gte(checkpoint: Checkpoints) -> None:
    arch = arch_of(checkpoint, "gte")
    assert arch.layers[0].attention.position == Rotary(500000.0, Ntk(2.0))
    assert arch.embedding.token_types == 0
    assert arch_of(checkpoint, "gte_arctic").layers[0].attention.position == Rotary(160000.0)


def test_mpnet_counts_from_two_and_has_one_table_of_biases(checkpoint: Checkpoints) -> None:
    card = card_at(checkpoint("mpnet"))
    position = card.arch.embedding.position
    assert position is not None
    assert (position.offset, card.arch.max_positions, card.max_length) == (2, 512, 384)
    assert {layer.attention.position for layer in card.arch.layers} == {Buckets(32, 128)}
    assert card.tensors["relative.weight"].shape == (32, 4)
