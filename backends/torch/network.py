"""An `Arch` as one function from a packed batch to its token states."""

from collections.abc import Callable

import torch
import torch.nn.functional as F

from vectord.core import (
    Arch,
    Attention,
    Disentangled,
    Embedding,
    Layer,
    Norm,
    PostNorm,
    PreNorm,
    Rotary,
    SandwichNorm,
    Wiring,
)

from .attend import Attend, by_length, in_runs, varlen, varlen_fits
from .capped import capped
from .disentangled import disentangled
from .packed import Packed
from .parts import linear, mlp, norm
from .rotary import kind_of, rotate
from .weights import Weights

# Between sublayers the states are float32, whatever the matrices are in.
Network = Callable[[Packed], torch.Tensor]
Mixer = Callable[[torch.Tensor, Packed], torch.Tensor]


def network(arch: Arch, weights: Weights) -> Network:
    """Build the whole network, up to the token states (tokens, hidden_size)."""
    embed = embedding(arch.embedding, weights.under("embedding."))
    layers = [layer(one, weights, f"layers.{index}.") for index, one in enumerate(arch.layers)]
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
        x = F.embedding(packed.token_ids, words).float() * spec.scale
        if places is not None and position is not None:
            x = x + F.embedding(packed.positions + position.offset, places)
        if types is not None:
            # tokenizers may count types that the network does not tell apart
            x = x + (F.embedding(packed.type_ids, types) if len(types) > 1 else types)
        return finish(x)

    return run


def layer(spec: Layer, weights: Weights, prefix: str) -> Mixer:
    """One block: attention, then MLP, each with its norms and its residual."""
    relative = relative_vectors(spec.attention, weights)
    own = weights.under(prefix)
    attend, feed = attention(spec.attention, own, relative), mlp(spec.mlp, own)
    first = wired(spec.wiring, attend, spec.attention_norm, own, "attention_norm")
    second = wired(spec.wiring, lambda x, _: feed(x), spec.mlp_norm, own, "mlp_norm")
    return lambda x, packed: second(first(x, packed), packed)


def wired(wiring: Wiring, sublayer: Mixer, spec: Norm | None, weights: Weights, name: str) -> Mixer:
    """Put a sublayer, its norms and its residual together."""
    step = norm(spec, weights, name)
    match wiring:
        case PostNorm():
            return lambda x, packed: step(x + sublayer(x, packed))
        case PreNorm():
            return lambda x, packed: x + sublayer(step(x), packed)
        case SandwichNorm():
            after = norm(spec, weights, f"{name}_after")
            return lambda x, packed: x + after(sublayer(step(x), packed))


def relative_vectors(spec: Attention, weights: Weights) -> torch.Tensor | None:
    """Return what all layers share of relative positions."""
    match spec.position:
        case None | Rotary():
            return None
        case Disentangled(norm=finish):
            return norm(finish, weights, "relative_norm")(weights.exact("relative.weight"))


def attention(spec: Attention, weights: Weights, relative: torch.Tensor | None) -> Mixer:
    """The attention sublayer, with one product for queries, keys and values."""
    project = linear(weights, "query", "key", "value", bias=spec.bias)
    out = linear(weights, "out", bias=spec.out_bias)
    query_norm, key_norm = (norm(spec.qk_norm, weights, name) for name in ("query_norm", "key_norm"))
    attend = _attend(spec, weights, relative)
    kind = kind_of(spec)

    def run(x: torch.Tensor, packed: Packed) -> torch.Tensor:
        heads = project(x).view(len(x), -1, spec.head_size)
        q, k, v = heads.split((spec.heads, spec.kv_heads, spec.kv_heads), dim=1)
        q, k = query_norm(q), key_norm(k)
        if kind is not None:
            q, k = rotate(q, packed.angles[kind]), rotate(k, packed.angles[kind])
        return out(attend(q.to(v.dtype), k.to(v.dtype), v, packed).flatten(1))

    return run


def _attend(spec: Attention, weights: Weights, relative: torch.Tensor | None) -> Attend:
    if isinstance(spec.position, Disentangled) and relative is not None:
        return in_runs(disentangled(spec, spec.position, weights, relative))
    if spec.softcap is not None:
        return in_runs(capped(spec.mask, spec.score_scale, spec.softcap))
    if varlen_fits(weights.device, weights.dtype, spec.head_size):
        return varlen(spec.mask, spec.score_scale)
    return by_length(spec.mask, spec.score_scale)
