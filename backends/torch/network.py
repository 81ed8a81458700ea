"""An `Arch` as one function from a packed batch to its token states."""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from vectord.core import Arch, Attention, Embedding, Layer, PostNorm, PreNorm, Wiring

from .attend import Attend, by_length, varlen, varlen_fits
from .packed import Packed
from .parts import Step, linear, mlp, norm
from .rotary import kind_of, rotate
from .weights import Weights

# Between sublayers the states are float32, whatever the matrices are in.
Network = Callable[[Packed], torch.Tensor]
Mixer = Callable[[torch.Tensor, Packed], torch.Tensor]
Wrapped = Callable[[Mixer, Step], Mixer]


def network(arch: Arch, weights: Weights) -> Network:
    """Build the whole network, up to the token states (tokens, hidden_size)."""
    embed = embedding(arch.embedding, weights.under("embedding."))
    layers = [layer(one, weights.under(f"layers.{index}.")) for index, one in enumerate(arch.layers)]
    final = norm(arch.final_norm, weights, "final_norm")

    def run(packed: Packed) -> torch.Tensor:
        x = embed(packed)
        for step in layers:
            x = step(x, packed)
        return final(x)

    return run


def embedding(spec: Embedding, weights: Weights) -> Network:
    """Word vectors, plus positions and token types, then the norm."""
    words = weights.rows("word.weight")
    position = spec.position
    places = weights.rows("position.weight") if position is not None else None
    types = weights.rows("token_type.weight") if spec.token_types else None
    finish = norm(spec.norm, weights, "norm")

    def run(packed: Packed) -> torch.Tensor:
        x = F.embedding(packed.token_ids, words).float()
        if places is not None and position is not None:
            x = x + F.embedding(packed.positions + position.offset, places)
        if types is not None:
            # tokenizers may count types that the network does not tell apart
            x = x + (F.embedding(packed.type_ids, types) if len(types) > 1 else types)
        return finish(x)

    return run


def layer(spec: Layer, weights: Weights) -> Mixer:
    """One block: attention, then MLP, each with its norm and its residual."""
    attend = attention(spec.attention, weights)
    feed = mlp(spec.mlp, weights)
    wrap = wiring(spec.wiring)
    first = wrap(attend, norm(spec.attention_norm, weights, "attention_norm"))
    second = wrap(lambda x, _: feed(x), norm(spec.mlp_norm, weights, "mlp_norm"))
    return lambda x, packed: second(first(x, packed), packed)


def wiring(spec: Wiring) -> Wrapped:
    """Say how a sublayer, its norm and its residual go together."""
    match spec:
        case PostNorm():
            return lambda sublayer, norm: lambda x, packed: norm(x + sublayer(x, packed))
        case PreNorm():
            return lambda sublayer, norm: lambda x, packed: x + sublayer(norm(x), packed)


def attention(spec: Attention, weights: Weights) -> Mixer:
    """The attention sublayer, with one product for queries, keys and values."""
    project = linear(weights, "query", "key", "value", bias=spec.bias)
    out = linear(weights, "out", bias=spec.out_bias)
    query_norm, key_norm = (norm(spec.qk_norm, weights, name) for name in ("query_norm", "key_norm"))
    attend = _attend(spec, weights)
    kind = kind_of(spec)

    def run(x: torch.Tensor, packed: Packed) -> torch.Tensor:
        heads = project(x).view(len(x), -1, spec.head_size)
        q, k, v = heads.split((spec.heads, spec.kv_heads, spec.kv_heads), dim=1)
        q, k = query_norm(q), key_norm(k)
        if kind is not None:
            q, k = rotate(q, packed.angles[kind]), rotate(k, packed.angles[kind])
        return out(attend(q.to(v.dtype), k.to(v.dtype), v, packed).flatten(1))

    return run


def _attend(spec: Attention, weights: Weights) -> Attend:
    if varlen_fits(weights.device, weights.dtype, spec.head_size):
        return varlen(spec.mask)
    return by_length(spec.mask)
