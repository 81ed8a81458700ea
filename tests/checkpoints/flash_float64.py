"""Jina's XLM-RoBERTa in float64, an adapter merged into its matrices and tables."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .float64 import Network, Rows, Tensors, attend, gelu, layer_norm, linear, tensors_of, turned
from .recipe import Json


def network(path: Path, config: Json, adapter: int | None = None) -> Network:
    """Return the encoder as one of its adapters makes it, or as it is without any."""
    tensors = dict(merged(tensors_of(path, "roberta."), config, adapter))
    heads, eps = config["num_attention_heads"], config["layer_norm_eps"]
    size = config["hidden_size"] // heads
    rotary = config["position_embedding_type"] == "rotary"
    rates = config.get("rotary_emb_base", 1.0) ** (-np.arange(0, size, 2) / size) * rotary

    def run(ids: NDArray[np.int64], types: NDArray[np.int64]) -> Rows:
        words, kinds = (tensors[f"embeddings.{name}_embeddings.weight"] for name in ("word", "token_type"))
        x = words[ids] + kinds[np.zeros_like(types)]
        if not rotary:
            x = (
                x
                + tensors["embeddings.position_embeddings.weight"][
                    np.arange(len(ids)) + config["pad_token_id"] + 1
                ]
            )
        x = layer_norm(x, tensors, "emb_ln", eps)
        for index in range(config["num_hidden_layers"]):
            x = block(x, tensors, f"encoder.layers.{index}", heads, rates, eps)
        return x

    return run


def block(x: Rows, tensors: Tensors, name: str, heads: int, rates: Rows, eps: float) -> Rows:
    """Return one block's output."""
    q, k, v = np.split(linear(x, tensors, f"{name}.mixer.Wqkv"), 3, axis=-1)
    mixed = attend(turned(q, heads, rates), turned(k, heads, rates), v, heads)
    x = layer_norm(x + linear(mixed, tensors, f"{name}.mixer.out_proj"), tensors, f"{name}.norm1", eps)
    inner = gelu(linear(x, tensors, f"{name}.mlp.fc1"))
    return layer_norm(x + linear(inner, tensors, f"{name}.mlp.fc2"), tensors, f"{name}.norm2", eps)


def merged(tensors: Tensors, config: Json, adapter: int | None) -> Iterator[tuple[str, Rows]]:
    """Return the tensors by their plain names; an embedding's two factors stand in the other order."""
    for name, value in tensors.items():
        base, _, rest = name.partition(".parametrizations.")
        if not rest:
            yield name, value
        if rest == "weight.original":
            low = [tensors[f"{base}.parametrizations.weight.0.lora_{one}"] for one in "AB"]
            if adapter is not None:
                a, b = low[0][adapter], low[1][adapter]
                added = a @ b if "embeddings" in base else b @ a
                value = value + added * config["lora_alpha"] / config["lora_rank"]
            yield f"{base}.weight", value
