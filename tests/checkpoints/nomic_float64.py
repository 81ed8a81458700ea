"""NomicBERT in float64: gated, plain or of experts; angles by each text's own length."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .float64 import (
    Network,
    Rows,
    Tensors,
    attend,
    gelu,
    layer_norm,
    linear,
    silu,
    softmax,
    tensors_of,
    turned,
)
from .recipe import Json


def network(path: Path, config: Json) -> Network:
    """Return the encoder."""
    tensors, heads, eps = tensors_of(path), config["n_head"], config["layer_norm_epsilon"]

    def run(ids: NDArray[np.int64], types: NDArray[np.int64]) -> Rows:
        words, kinds = (tensors[f"embeddings.{name}_embeddings.weight"] for name in ("word", "token_type"))
        x = layer_norm(words[ids] + kinds[types], tensors, "emb_ln", eps)
        turns = rates(config, len(ids))
        for index in range(config["n_layer"]):
            name = f"encoder.layers.{index}"
            q, k, v = np.split(linear(x, tensors, f"{name}.attn.Wqkv"), 3, axis=-1)
            seen = attend(turned(q, heads, turns), turned(k, heads, turns), v, heads)
            x = layer_norm(x + linear(seen, tensors, f"{name}.attn.out_proj"), tensors, f"{name}.norm1", eps)
            x = layer_norm(x + mlp(x, tensors, f"{name}.mlp", config), tensors, f"{name}.norm2", eps)
        return x

    return run


def rates(config: Json, length: int) -> Rows:
    """Return how fast each pair turns in a text of this length."""
    size, base = config["n_embd"] // config["n_head"], config["rotary_emb_base"]
    factor, trained = config["rotary_scaling_factor"], config["max_trained_positions"]
    if factor is not None and length > trained:
        base *= (factor * length / trained - (factor - 1)) ** (size / (size - 2))
    out: Rows = 1 / base ** (np.arange(0, size, 2) / size)
    return out


def mlp(x: Rows, tensors: Tensors, name: str, config: Json) -> Rows:
    """Return the MLP's output, of the kind whose tensors are there."""
    if f"{name}.fc11.weight" in tensors:
        gated = silu(linear(x, tensors, f"{name}.fc12")) * linear(x, tensors, f"{name}.fc11")
        return linear(gated, tensors, f"{name}.fc2")
    if f"{name}.fc1.weight" in tensors:
        return linear(gelu(linear(x, tensors, f"{name}.fc1")), tensors, f"{name}.fc2")
    shape = (config["num_experts"], config["n_inner"], config["n_embd"])
    w1, w2 = (tensors[f"{name}.experts.mlp.{one}"].reshape(shape) for one in ("w1", "w2"))
    chances = softmax(linear(x, tensors, f"{name}.router.layer"))
    out = np.tile(tensors[f"{name}.experts.bias"], (len(x), 1))
    for token, likely in enumerate(np.argsort(-chances, axis=-1)[:, : config["moe_top_k"]]):
        for expert in likely:
            out[token] += chances[token, expert] * (gelu(w1[expert] @ x[token]) @ w2[expert])
    return out
