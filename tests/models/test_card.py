"""What is read of a checkpoint."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from tests.shared import Checkpoints
from vectord.core import Causal, Full, Gated, LayerNorm, PostNorm, PreNorm, RMSNorm, Rotary, Window
from vectord.errors import CheckpointError

from .editing import GONE, add_dense, card_at, edit, edit_weights, write


@pytest.fixture
def bert(checkpoint: Checkpoints, tmp_path: Path) -> Path:
    return checkpoint.copy("bert", tmp_path / "bert")


@pytest.mark.parametrize("style", ["published", "resaved"])
def test_an_embedder(checkpoint: Checkpoints, style: Any) -> None:
    card = card_at(checkpoint("bert", style=style))
    assert (card.family, card.tasks, card.normalize) == ("bert", ("embed", "rerank", "embed_all"), True)
    assert (card.head.output, card.head.pooling, card.head.dense) == ("embedding", "mean", ())
    assert (card.width, card.max_length, card.pad_id, card.labels) == (32, 256, 0, ())
    assert card.arch.embedding.position is not None
    assert card.arch.embedding.token_types == 2
    assert {type(layer.wiring) for layer in card.arch.layers} == {PostNorm}
    assert {type(layer.attention.mask) for layer in card.arch.layers} == {Full}


@pytest.mark.parametrize("style", ["published", "resaved"])
def test_windows_and_two_kinds_of_rotary(checkpoint: Checkpoints, style: Any) -> None:
    arch = card_at(checkpoint("modernbert", style=style)).arch
    assert [layer.attention.mask for layer in arch.layers] == [Full(), Window(16, 16), Window(16, 16), Full()]
    assert [layer.attention.position for layer in arch.layers] == [
        Rotary(160000.0),
        Rotary(10000.0),
        Rotary(10000.0),
        Rotary(160000.0),
    ]
    assert arch.layers[0].attention_norm is None
    assert {layer.attention_norm for layer in arch.layers[1:]} == {LayerNorm(1e-5, bias=False)}
    assert {type(layer.mlp) for layer in arch.layers} == {Gated}
    assert {type(layer.wiring) for layer in arch.layers} == {PreNorm}


@pytest.mark.parametrize("style", ["published", "resaved"])
def test_grouped_heads_and_a_causal_mask(checkpoint: Checkpoints, style: Any) -> None:
    card = card_at(checkpoint("qwen3", style=style))
    attention = card.arch.layers[0].attention
    assert (attention.heads, attention.kv_heads, attention.head_size) == (4, 2, 16)
    assert (attention.mask, attention.qk_norm) == (Causal(), RMSNorm(1e-6))
    assert attention.position == Rotary(1000000.0)
    assert card.head.pooling == "last-token"
    assert card.max_length == 512
    assert {tensor.dtype for tensor in card.tensors.values()} == {"BF16"}


def test_a_cross_encoder_and_a_classifier(checkpoint: Checkpoints) -> None:
    one, three = card_at(checkpoint("bert_rerank")), card_at(checkpoint("bert_classify"))
    assert (one.tasks, one.labels, one.head.output) == (("rerank", "classify"), ("LABEL_0",), "logits")
    assert (three.tasks, three.labels) == (("classify",), ("negative", "neutral", "positive"))
    assert [dense.activation for dense in one.head.dense] == ["tanh", "identity"]
    assert (one.width, three.width, one.normalize) == (1, 3, False)


def test_a_cross_encoder_as_sentence_transformers_6_saves_it(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bert_rerank", tmp_path / "copy")
    kind = "sentence_transformers.base.modules.transformer.Transformer"
    write(path / "modules.json", [{"idx": 0, "name": "0", "path": "", "type": kind}])
    write(path / "config_sentence_transformers.json", {"model_type": "CrossEncoder", "prompts": {}})
    write(path / "sentence_bert_config.json", {"transformer_task": "sequence-classification"})
    assert card_at(path) == replace(
        card_at(checkpoint("bert_rerank")),
        source=str(path),
        path=path,
        fingerprint=card_at(path).fingerprint,
        tensors=card_at(path).tensors,
    )


def test_labels_stand_in_the_order_of_their_numbers(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bert_classify", tmp_path / "copy")
    edit(path / "config.json", {"id2label": {"2": "c", "1": "b", "0": "a"}})
    assert card_at(path).labels == ("a", "b", "c")
    edit(path / "config.json", {"id2label": GONE, "num_labels": 3})
    assert card_at(path).labels == ("LABEL_0", "LABEL_1", "LABEL_2")


def test_the_limit_is_the_first_that_is_stated(bert: Path) -> None:
    assert card_at(bert).max_length == 256
    edit(bert / "sentence_bert_config.json", {"max_seq_length": None})
    edit(bert / "tokenizer_config.json", {"model_max_length": 100})
    assert card_at(bert).max_length == 100
    (bert / "sentence_bert_config.json").unlink()
    assert card_at(bert).max_length == 100
    for nothing in (10**30, 1e30, None, GONE, "512", 0, -1, True):
        edit(bert / "tokenizer_config.json", {"model_max_length": nothing})
        assert card_at(bert).max_length == 512
    (bert / "tokenizer_config.json").unlink()
    assert card_at(bert).max_length == 512


def test_no_limit_exceeds_the_positions_of_the_network(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("modernbert", tmp_path / "copy")
    assert card_at(path).max_length == 512
    edit(path / "config.json", {"max_position_embeddings": 64})
    assert card_at(path).max_length == 64


def test_prompts(checkpoint: Checkpoints, bert: Path) -> None:
    qwen3 = card_at(checkpoint("qwen3"))
    assert set(qwen3.prompts) == {"query", "document"}
    assert qwen3.prompts["query"].startswith("Instruct: ")
    assert qwen3.default_prompt is None
    settings = bert / "config_sentence_transformers.json"
    edit(settings, {"prompts": {"query": "query: "}, "default_prompt_name": "query"})
    assert (card_at(bert).prompts, card_at(bert).default_prompt) == ({"query": "query: "}, "query")
    edit(settings, {"default_prompt_name": "passage"})
    with pytest.raises(CheckpointError, match="default_prompt_name must be one of query"):
        card_at(bert)
    settings.unlink()
    assert (card_at(bert).prompts, card_at(bert).default_prompt) == ({}, None)


def test_old_names_of_norms(bert: Path) -> None:
    before = card_at(bert)
    norms = {name: value for name, value in load_file(bert / "model.safetensors").items() if "Norm" in name}
    renamed = {re.sub("weight$", "gamma", re.sub("bias$", "beta", name)): norms[name] for name in norms}
    assert not set(renamed) & set(norms)
    edit_weights(bert, **dict.fromkeys(norms, GONE), **renamed)
    assert set(card_at(bert).tensors) == set(before.tensors)


def test_weights_in_several_files(checkpoint: Checkpoints, bert: Path) -> None:
    tensors = load_file(bert / "model.safetensors")
    places = {name: f"model-{index % 2}.safetensors" for index, name in enumerate(tensors)}
    for file in set(places.values()):
        save_file({name: tensors[name] for name in tensors if places[name] == file}, bert / file)
    write(bert / "model.safetensors.index.json", {"metadata": {}, "weight_map": places})
    (bert / "model.safetensors").unlink()
    card = card_at(bert)
    assert {tensor.file.name for tensor in card.tensors.values()} == set(places.values())
    assert set(card.tensors) == set(card_at(checkpoint("bert")).tensors)


def test_fused_tensors_are_found_by_their_rows(checkpoint: Checkpoints) -> None:
    tensors = card_at(checkpoint("modernbert")).tensors
    query, key, value = (tensors[f"layers.0.{name}.weight"] for name in ("query", "key", "value"))
    assert query.shape == key.shape == value.shape == (32, 32)
    assert key.offset - query.offset == value.offset - key.offset == 32 * 32 * 4


def test_the_fingerprint_is_of_the_content(bert: Path, tmp_path: Path) -> None:
    before = card_at(bert).fingerprint
    assert card_at(bert).fingerprint == before
    moved = Path(shutil.move(bert, tmp_path / "elsewhere"))
    (moved / "README.md").write_text("words")
    (moved / "model.onnx").write_bytes(b"another form")
    assert card_at(moved).fingerprint == before


def test_the_fingerprint_follows_what_changes_the_vectors(bert: Path) -> None:
    seen = [card_at(bert).fingerprint]
    edit_weights(bert, embeddings__LayerNorm__bias=np.ones(32, np.float32))
    seen.append(card_at(bert).fingerprint)
    write(bert / "1_Pooling/config.json", {"pooling_mode": "cls"})
    seen.append(card_at(bert).fingerprint)
    edit(bert / "config_sentence_transformers.json", {"prompts": {"query": "query: "}})
    seen.append(card_at(bert).fingerprint)
    edit(bert / "config.json", {"layer_norm_eps": 1e-6})
    seen.append(card_at(bert).fingerprint)
    edit(bert / "tokenizer.json", {"normalizer": None})
    seen.append(card_at(bert).fingerprint)
    folder = add_dense(bert, 32, 16)
    seen.append(card_at(bert).fingerprint)
    (folder / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:-4] + b"\0\0\0\1")
    seen.append(card_at(bert).fingerprint)
    (bert / "modules.json").unlink()
    seen.append(card_at(bert, "cls").fingerprint)
    seen.append(card_at(bert, "mean").fingerprint)
    seen.append(card_at(bert, "mean", "embed_all").fingerprint)
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("bge_m3", "colbert_linear.pt"),
        ("bge_m3", "sparse_linear.pt"),
        ("bert_colbert", "artifact.metadata"),
        ("bert_pylate", "1_Dense/model.safetensors"),
    ],
)
def test_the_fingerprint_follows_the_files_of_a_head(
    checkpoint: Checkpoints, tmp_path: Path, family: str, name: str
) -> None:
    path = checkpoint.copy(family, tmp_path / "copy")
    before = card_at(path).fingerprint
    data = (path / name).read_bytes()
    (path / name).write_bytes(data.replace(b"180", b"181") if name.endswith("metadata") else flipped(data))
    assert card_at(path).fingerprint != before


def flipped(data: bytes) -> bytes:
    """Return a file of tensors with another number in the middle of one."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def test_ids_without_lexical_weight(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bge_m3", tmp_path / "copy")
    assert card_at(path).special_ids == {0, 1, 2, 3}
    edit(path / "tokenizer_config.json", {"unk_token": GONE, "pad_token": {"content": "<pad>"}})
    edit(path / "special_tokens_map.json", {"unk_token": GONE})
    assert card_at(path).special_ids == {0, 1, 2}


SCORINGS = {
    ("bert_classify", None): "softmax",
    ("bert_classify", "single_label_classification"): "softmax",
    ("bert_classify", "multi_label_classification"): "sigmoid",
    ("bert_classify", "regression"): "identity",
    ("bert_rerank", None): "sigmoid",
    ("bert_rerank", "single_label_classification"): "sigmoid",
    ("bert_rerank", "multi_label_classification"): "sigmoid",
    ("bert_rerank", "regression"): "identity",
}


@pytest.mark.parametrize(("family", "problem"), SCORINGS)
def test_how_scores_are_made(checkpoint: Checkpoints, tmp_path: Path, family: str, problem: Any) -> None:
    path = checkpoint.copy(family, tmp_path / "copy")
    edit(path / "config.json", {"problem_type": problem})
    assert card_at(path).scoring == SCORINGS[family, problem]


def test_bfloat16_must_keep_all_that_a_pass_gives(checkpoint: Checkpoints) -> None:
    assert card_at(checkpoint("xlm_roberta")).keeps_bfloat16
    assert card_at(checkpoint("bert_colbert")).keeps_bfloat16
    for family in ("bge_m3", "bert_splade", "bert_ner", "bert_rerank", "qwen3_yes_no"):
        assert not card_at(checkpoint(family)).keeps_bfloat16
