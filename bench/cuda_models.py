"""Checkpoints of the real sizes without their weights: the files are holes, and the device draws the numbers.

Matrix products on a card draw less power on zeros, and so run faster; so nothing is measured on them.
"""

import json
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoModel,
    BertConfig,
    MistralConfig,
    ModernBertConfig,
    PretrainedConfig,
    Qwen3Config,
    XLMRobertaConfig,
)

from vectord.backends.torch.weights import Weights

from .models import MODULES, write_tokenizer

LARGE = {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16}
MODERN = {**LARGE, "num_hidden_layers": 28, "intermediate_size": 2624}
QWEN = {
    **LARGE,
    "num_hidden_layers": 28,
    "num_key_value_heads": 8,
    "head_dim": 128,
    "intermediate_size": 3072,
}
# name: class of the configuration, its numbers, pooling
SIZES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "BERT-base": (BertConfig, {}, "mean_tokens"),
    "BERT-large": (BertConfig, {**LARGE, "intermediate_size": 4096}, "mean_tokens"),
    "XLM-R-large": (
        XLMRobertaConfig,
        {**LARGE, "intermediate_size": 4096, "vocab_size": 250_002, "max_position_embeddings": 514},
        "mean_tokens",
    ),
    "ModernBERT-large": (ModernBertConfig, MODERN, "mean_tokens"),
    "Qwen3-0.6B": (Qwen3Config, {**QWEN, "vocab_size": 151_936}, "lasttoken"),
    "Mistral-7B": (MistralConfig, {"sliding_window": None, "num_key_value_heads": 8}, "lasttoken"),
}
TINY = {
    "vocab_size": 1200,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 96,
}
BYTES = 2  # of a bfloat16


def config_of(name: str, tiny: bool) -> PretrainedConfig:
    """Return a configuration; `tiny`: its kind and not its size, for trying the script out."""
    made, numbers, _ = SIZES[name]
    if tiny:
        numbers = {**numbers, **TINY}
        numbers.update({key: 16 for key in numbers if key == "head_dim"})
        numbers.update({key: 2 for key in numbers if key == "num_key_value_heads"})
    found: PretrainedConfig = made(pad_token_id=0, bos_token_id=1, eos_token_id=1, **_fitting(made, numbers))
    return found


def _fitting(made: Any, numbers: dict[str, Any]) -> dict[str, Any]:
    # ModernBERT names its special tokens itself, outside a tiny vocabulary
    if made is not ModernBertConfig:
        return numbers
    return {**numbers, "cls_token_id": 1, "sep_token_id": 1}


def write_hollow(name: str, folder: Path, tiny: bool = False) -> Path:
    """Write a checkpoint whose weights are a hole in the file, which takes no place; return its folder."""
    path, config = folder / name, config_of(name, tiny)
    with torch.device("meta"):
        model = AutoModel.from_config(config)
    config.architectures = [type(model).__name__]
    config.dtype = "bfloat16"
    config.save_pretrained(path)
    write_tokenizer(path, config.vocab_size)
    words = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    (path / "tokenizer_config.json").write_text(json.dumps(words))
    places = ("", "1_Pooling", "2_Normalize")
    modules = [
        {"idx": index, "name": str(index), "path": place, "type": f"sentence_transformers.models.{kind}"}
        for index, (place, kind) in enumerate(zip(places, MODULES, strict=True))
    ]
    (path / "modules.json").write_text(json.dumps(modules))
    (path / "1_Pooling").mkdir()
    mode = {f"pooling_mode_{SIZES[name][2]}": True, "word_embedding_dimension": config.hidden_size}
    (path / "1_Pooling/config.json").write_text(json.dumps(mode))
    write_hole(path / "model.safetensors", {key: tuple(one.shape) for key, one in model.named_parameters()})
    return path


def write_hole(file: Path, shapes: dict[str, tuple[int, ...]]) -> None:
    """Write a safetensors file of bfloat16 zeros that were never written."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    end = 0
    for key, shape in shapes.items():
        start, end = end, end + BYTES * int(torch.Size(shape).numel())
        header[key] = {"dtype": "BF16", "shape": shape, "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with file.open("wb") as out:
        out.write(len(text).to_bytes(8, "little") + text)
        out.truncate(8 + len(text) + end)


def drawn(weight: torch.Tensor) -> torch.Tensor:
    """Fill a parameter on its device: vectors about one, so that norms stay norms."""
    return weight.normal_(1.0 if weight.ndim == 1 else 0.0, 0.02)


class DrawnWeights(Weights):
    """Parameters of the shapes in the file, drawn where they lie."""

    def rows(self, *names: str) -> torch.Tensor:
        return drawn(super().rows(*names))

    def exact(self, name: str) -> torch.Tensor:
        return drawn(super().exact(name))
