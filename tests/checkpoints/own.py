"""The right answers where no library has them: networks in float64, one text at a time."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from . import flash_float64, jina_float64, nomic_float64, voyage_float64
from .float64 import Network, linear, tensors_of
from .recipe import Json


def network_of(config: Json) -> Callable[[Path, Json], Network] | None:
    """Return the network of a config.json that no library reads aright; None for the others."""
    if config.get("position_embedding_type") == "alibi":
        return jina_float64.network
    if config.get("lora_adaptations") or (config.get("use_flash_attn") and "id2label" in config):
        return flash_float64.network
    if config.get("use_bidirectional_attention") and config["model_type"] == "qwen3":
        return voyage_float64.network
    if config.get("moe_every_n_layers") or config.get("rotary_scaling_factor"):
        return nomic_float64.network
    return None


def knows(path: Path) -> bool:
    """Whether the checkpoint's answers come from here."""
    return network_of(read(path / "config.json")) is not None


def pooled(path: Path, texts: Sequence[str], prompt: str | None = None) -> NDArray[np.float32]:
    """Return the embeddings before normalisation."""
    run, tokenizer = network(path), tokenizer_of(path, read(path / "sentence_bert_config.json"))
    mean = read(path / "1_Pooling/config.json")["pooling_mode_mean_tokens"]
    rows = []
    for text in texts:
        encoded = tokenizer.encode((prompt or "") + text)
        states = run(np.array(encoded.ids), np.array(encoded.type_ids))
        rows.append(states.mean(0) if mean else states[0])
    return np.stack(rows).astype(np.float32)


def logits(path: Path, inputs: Sequence[tuple[str, str]] | Sequence[str]) -> NDArray[np.float32]:
    """Return a classifier's logits: a dense layer on the first token, then the scores."""
    tensors, run = tensors_of(path, "bert."), network(path)
    roberta = "classifier.dense.weight" in tensors
    dense, scores = ("classifier.dense", "classifier.out_proj") if roberta else ("pooler.dense", "classifier")
    tokenizer = tokenizer_of(
        path, {"max_seq_length": read(path / "tokenizer_config.json")["model_max_length"]}
    )
    rows = []
    for one in inputs:
        encoded = tokenizer.encode(one) if isinstance(one, str) else tokenizer.encode(*one)
        first = run(np.array(encoded.ids), np.array(encoded.type_ids))[0]
        rows.append(linear(np.tanh(linear(first, tensors, dense)), tensors, scores))
    return np.stack(rows).astype(np.float32)


def network(path: Path) -> Network:
    """Return a checkpoint's network."""
    config = read(path / "config.json")
    made = network_of(config)
    assert made is not None
    return made(path, config)


def tokenizer_of(path: Path, limit: Json) -> Tokenizer:
    """Return the tokenizer, which cuts texts at the limit and pads none."""
    tokenizer = Tokenizer.from_file(str(path / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(limit["max_seq_length"])
    return tokenizer


def read(file: Path) -> Any:
    """Return a JSON file's content."""
    return json.loads(file.read_text())
