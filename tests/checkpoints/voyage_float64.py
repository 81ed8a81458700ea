"""voyage-4-nano in float64: Qwen3 without a mask, then a layer without a bias."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .float64 import Network, Rows, Tensors, attend, linear, silu, tensors_of, turned
from .recipe import Json


def network(path: Path, config: Json) -> Network:
    """Return the network, up to the projected states."""
    tensors, eps = tensors_of(path, "model."), config["rms_norm_eps"]

    def run(ids: NDArray[np.int64], types: NDArray[np.int64]) -> Rows:
        x = tensors["embed_tokens.weight"][ids]
        for index in range(config["num_hidden_layers"]):
            name = f"layers.{index}"
            x = x + mixed(normed(x, tensors, f"{name}.input_layernorm", eps), tensors, name, config)
            h = normed(x, tensors, f"{name}.post_attention_layernorm", eps)
            gate, up = (linear(h, tensors, f"{name}.mlp.{one}_proj") for one in ("gate", "up"))
            x = x + linear(silu(gate) * up, tensors, f"{name}.mlp.down_proj")
        return linear(normed(x, tensors, "norm", eps), tensors, "linear")

    return run


def mixed(x: Rows, tensors: Tensors, name: str, config: Json) -> Rows:
    """Return what attention gives: each group of query heads shares a key head."""
    heads, shared, size = (config[key] for key in ("num_attention_heads", "num_key_value_heads", "head_dim"))
    rates = float(config["rope_theta"]) ** (-np.arange(0, size, 2) / size)

    def projected(one: str, count: int) -> Rows:
        flat = linear(x, tensors, f"{name}.self_attn.{one}_proj")
        if one == "v":
            return flat
        each = normed(flat.reshape(len(x), count, size), tensors, f"{name}.self_attn.{one}_norm", 1e-6)
        return turned(each.reshape(flat.shape), count, rates)

    q, k, v = projected("q", heads), projected("k", shared), projected("v", shared)
    k, v = (
        one.reshape(len(x), shared, size).repeat(heads // shared, axis=1).reshape(q.shape) for one in (k, v)
    )
    return linear(attend(q, k, v, heads), tensors, f"{name}.self_attn.o_proj")


def normed(x: Rows, tensors: Tensors, name: str, eps: float) -> Rows:
    """Return x by its root mean square, scaled."""
    out: Rows = x / np.sqrt((x**2).mean(-1, keepdims=True) + eps) * tensors[f"{name}.weight"]
    return out
