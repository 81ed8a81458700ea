"""config.json and the tokenizer's files, damaged: one line names the file and says what to do."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.shared import Checkpoints

from .damage import Cases, both, check, config, directory, text, weights, without
from .editing import GONE, edit, write


def without_specials(file: Path) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(file.read_text())
    return {**values, "post_processor": {**values["post_processor"], "special_tokens": {}}}


TABLE = "embeddings__word_embeddings__weight"
CASES: Cases = {
    "no config": (without("config.json"), ("has no config.json", "give the directory")),
    "config is not JSON": (text("config.json", "{"), ("config.json cannot be read as JSON",)),
    "config is empty": (text("config.json", ""), ("config.json",)),
    "config is a list": (text("config.json", "[1]"), ("config.json must hold a JSON object, not list",)),
    "config is deep": (text("config.json", "[" * 100_000), ("config.json cannot be read as JSON",)),
    "config is a directory": (directory("config.json"), ("config.json cannot be read",)),
    "config is not UTF-8": (
        lambda path: (path / "config.json").write_bytes(b'{"a": "\xff"}'),
        ("config.json cannot be read",),
    ),
    "no model_type": (config(model_type=GONE), ("config.json: model_type is missing",)),
    "unknown architecture": (
        config(model_type="bort"),
        ("config.json: unknown architecture 'bort'", "vectord knows bert, "),
    ),
    "a text for a number": (
        config(hidden_size="32"),
        ("config.json: hidden_size must be a whole number, not '32'",),
    ),
    "true for a number": (config(hidden_size=True), ("hidden_size must be a whole number",)),
    "a fraction for a number": (config(hidden_size=32.5), ("hidden_size must be a whole number",)),
    "an absurd size": (config(vocab_size=10**30), ("vocab_size must be from 1 to",)),
    "absurdly many layers": (config(num_hidden_layers=10**6), ("num_hidden_layers must be from 1 to 1000",)),
    "a negative size": (config(intermediate_size=-1), ("intermediate_size must be from 1",)),
    "NaN": (config(layer_norm_eps=float("nan")), ("layer_norm_eps must be a positive number",)),
    "unknown activation": (config(hidden_act="swoosh"), ("hidden_act must be one of gelu",)),
    "relative positions": (
        config(position_embedding_type="relative_key"),
        ("position_embedding_type = relative_key is not supported",),
    ),
    "a value of many lines": (
        config(position_embedding_type="a\nb" * 999),
        ("position_embedding_type = a b",),
    ),
    "heads that do not divide": (
        config(num_attention_heads=5),
        ("num_attention_heads must be a divisor of hidden_size 32",),
    ),
    "padding outside the vocabulary": (config(pad_token_id=10**6), ("pad_token_id must be from 0 to",)),
    "more layers than weights": (
        config(num_hidden_layers=3),
        ("has no tensor encoder.layer.2.", "bert needs"),
    ),
    "no tokenizer": (without("tokenizer.json"), ("tokenizer.json is missing", "fast tokenizer")),
    "an empty tokenizer": (text("tokenizer.json", ""), ("tokenizer.json is not a sound tokenizer",)),
    "a tokenizer that is garbage": (text("tokenizer.json", '{"a": 1}'), ("tokenizer.json is not a sound",)),
    "half a tokenizer": (
        lambda path: (path / "tokenizer.json").write_text((path / "tokenizer.json").read_text()[:2000]),
        ("tokenizer.json is not a sound tokenizer",),
    ),
    "a tokenizer without its unknown word": (
        lambda path: edit(path / "tokenizer.json", {"model": {"type": "WordPiece", "vocab": {"b": 0}}}),
        ("tokenizer.json is not a sound tokenizer",),
    ),
    "a template without its special tokens": (
        lambda path: write(path / "tokenizer.json", without_specials(path / "tokenizer.json")),
        ("tokenizer.json is not a sound tokenizer: the tokenizer library panicked",),
    ),
    "a vocabulary that exceeds the embedding": (
        both(config(vocab_size=40), weights(**{TABLE: np.zeros((40, 32), np.float32)})),
        ("tokenizer.json has token id", "the embedding has 40 rows"),
    ),
    "tokenizer settings that are a list": (
        both(text("tokenizer_config.json", "[]"), without("sentence_bert_config.json")),
        ("tokenizer_config.json must hold a JSON object",),
    ),
}


@pytest.mark.parametrize("damage", CASES)
def test_it_is_said(checkpoint: Checkpoints, tmp_path: Path, damage: str) -> None:
    path = checkpoint.copy("bert", tmp_path / "copy")
    apply, words = CASES[damage]
    apply(path)
    check(path, *words)
