"""JinaBERT v2 and its code model in float64."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .float64 import Network, Rows, Tensors, attend, gelu, layer_norm, linear, relu, tensors_of
from .recipe import Json


def network(path: Path, config: Json) -> Network:
    """Return the encoder."""
    tensors, heads, eps = tensors_of(path, "bert."), config["num_attention_heads"], config["layer_norm_eps"]

    def run(ids: NDArray[np.int64], types: NDArray[np.int64]) -> Rows:
        words, kinds = (tensors[f"embeddings.{name}_embeddings.weight"] for name in ("word", "token_type"))
        x = layer_norm(words[ids] + kinds[types], tensors, "embeddings.LayerNorm", eps)
        places = np.arange(len(ids))
        bias = -slopes(heads)[:, None, None] * np.abs(places - places[:, None])
        for index in range(config["num_hidden_layers"]):
            x = block(x, layer_of(tensors, index), heads, bias, eps, config["feed_forward_type"])
        return x

    return run


def slopes(heads: int) -> Rows:
    """Return ALiBi's slope of each head, as its paper says: geometric, from 2 ** (-8 / heads) on.

    For heads that are no power of two: those of the power below, then every other one of the power above.
    """
    below = 1
    while 2 * below <= heads:
        below *= 2
    series = [2.0 ** (-8 * i / below) for i in range(1, below + 1)]
    series += [2.0 ** (-8 * i / (2 * below)) for i in range(1, 2 * below, 2)]
    return np.array(series[:heads])


def layer_of(tensors: Tensors, index: int) -> Tensors:
    """Return one layer's tensors by the rest of their names."""
    start = f"encoder.layer.{index}."
    return {name.removeprefix(start): value for name, value in tensors.items() if name.startswith(start)}


def block(x: Rows, layer: Tensors, heads: int, bias: Rows, eps: float, kind: str) -> Rows:
    """Return one block's output, of either model: the code model has norms of queries and keys."""
    act = {"geglu": gelu, "reglu": relu}[kind]
    q, k, v = (linear(x, layer, f"attention.self.{name}") for name in ("query", "key", "value"))
    code = "attention.self.layer_norm_q.weight" in layer
    if code:
        q, k = (
            layer_norm(one, layer, f"attention.self.layer_norm_{name}", eps)
            for one, name in ((q, "q"), (k, "k"))
        )
    mixed = linear(attend(q, k, v, heads, bias), layer, "attention.output.dense")
    h = layer_norm(x + mixed, layer, "attention.output.LayerNorm", eps)
    if not code:
        gate, up = np.split(linear(h, layer, "mlp.gated_layers"), 2, axis=-1)
        return layer_norm(h + linear(act(gate) * up, layer, "mlp.wo"), layer, "mlp.layernorm", eps)
    h = layer_norm(x + h, layer, "layer_norm_1", eps)
    up, gate = np.split(linear(h, layer, "mlp.up_gated_layer"), 2, axis=-1)
    return layer_norm(h + linear(up * act(gate), layer, "mlp.down_layer"), layer, "layer_norm_2", eps)
