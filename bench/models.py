"""Random models of real sizes, written as repositories have them: speed does not depend on the weights."""

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import BertConfig, BertModel, PreTrainedModel, Qwen3Config, Qwen3Model

MODULES = ("Transformer", "Pooling", "Normalize")
POOLINGS = {"bert-base": "mean_tokens", "qwen3-0.5b": "lasttoken"}


def random_model(name: str) -> PreTrainedModel:
    """Return a network of BERT-base's size (110 M parameters) or of a small Qwen3's (490 M)."""
    if name == "bert-base":
        return BertModel(BertConfig(), add_pooling_layer=False)
    sizes: dict[str, Any] = {
        "vocab_size": 50_000,
        "hidden_size": 1024,
        "num_hidden_layers": 28,
        "num_attention_heads": 16,
        "num_key_value_heads": 8,
        "head_dim": 128,
        "intermediate_size": 3072,
        "max_position_embeddings": 32_768,
    }
    return Qwen3Model(Qwen3Config(**sizes))


def write_model(name: str, folder: Path, stored: str = "float32") -> Path:
    """Write the model with what sentence-transformers adds, its weights in a type; return its folder."""
    path, model = folder / name, random_model(name).eval()
    model.to(getattr(torch, stored)).save_pretrained(path)
    write_tokenizer(path, model.config.vocab_size)
    places = ("", "1_Pooling", "2_Normalize")
    modules = [
        {"idx": index, "name": str(index), "path": place, "type": f"sentence_transformers.models.{kind}"}
        for index, (place, kind) in enumerate(zip(places, MODULES, strict=True))
    ]
    (path / "modules.json").write_text(json.dumps(modules))
    (path / "1_Pooling").mkdir()
    mode = {f"pooling_mode_{POOLINGS[name]}": True}
    (path / "1_Pooling/config.json").write_text(json.dumps(mode))
    return path


def write_tokenizer(path: Path, vocab_size: int) -> None:
    """Write a tokenizer of as many words as the model has."""
    words = {"[PAD]": 0, "[UNK]": 1, **{f"word{number}": number for number in range(2, vocab_size)}}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(path / "tokenizer.json"))
