"""Alibaba GTE in float64."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .float64 import Network, Rows, attend, gelu, layer_norm, linear, tensors_of, turned
from .recipe import Json


def network(path: Path, config: Json) -> Network:
    """Return the encoder."""
    tensors, heads, eps = tensors_of(path, "new."), config["num_attention_heads"], config["layer_norm_eps"]
    turns = rates(config)

    def run(ids: NDArray[np.int64], types: NDArray[np.int64]) -> Rows:
        x = tensors["embeddings.word_embeddings.weight"][ids]
        if config["type_vocab_size"]:
            x = x + tensors["embeddings.token_type_embeddings.weight"][types]
        x = layer_norm(x, tensors, "embeddings.LayerNorm", eps)
        for index in range(config["num_hidden_layers"]):
            name = f"encoder.layer.{index}"
            q, k, v = np.split(linear(x, tensors, f"{name}.attention.qkv_proj"), 3, axis=-1)
            seen = attend(turned(q, heads, turns), turned(k, heads, turns), v, heads)
            mixed = linear(seen, tensors, f"{name}.attention.o_proj")
            x = layer_norm(x + mixed, tensors, f"{name}.attn_ln", eps)
            up, gate = np.split(linear(x, tensors, f"{name}.mlp.up_gate_proj"), 2, axis=-1)
            inner = linear(gelu(gate) * up, tensors, f"{name}.mlp.down_proj")
            x = layer_norm(x + inner, tensors, f"{name}.mlp_ln", eps)
        return x

    return run


def rates(config: Json) -> Rows:
    """Return how fast each pair turns; "ntk" with a factor f turns (base * f) ** (-2i / d) / f ** (2 / d)."""
    size = config["hidden_size"] // config["num_attention_heads"]
    factor = (config["rope_scaling"] or {"factor": 1})["factor"]
    steps = np.arange(0, size, 2) / size
    out: Rows = (config["rope_theta"] * factor) ** -steps / factor ** (2 / size)
    return out
