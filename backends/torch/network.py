"""An `Arch` as one function from a packed batch to its token states."""

from collections.abc import Callable
from typing import assert_never

import torch
import torch.nn.functional as F

from vectord.core import (
    Arch,
    Attention,
    Disentangled,
    Embedding,
    Layer,
    PostNorm,
    PreNorm,
    SandwichNorm,
    TwicePostNorm,
)

from .adapters import added_rows
from .attend import Attend, by_length, in_runs, varlen, varlen_fits
from .capped import capped
from .disentangled import disentangled
from .packed import Packed
from .parts import Mixer, Step, mlp, norm, product
from .path import path_of
from .relative import Biases, biases
from .relative import kind_of as kind_of_bias
from .rotary import kind_of, rotate
from .weights import Weights

# Between sublayers the states are float32, whatever the matrices are in.
Network = Callable[[Packed], torch.Tensor]


def network(arch: Arch, weights: Weights) -> Network:
    """Build the whole network, up to the token states (tokens, hidden_size)."""
    embed = embedding(arch.embedding, weights.under("embedding."))
    tables = biases(arch.layers, arch.max_positions, weights)
    layers = [layer(one, weights.under(f"layers.{index}."), tables) for index, one in enumerate(arch.layers)]
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
    more_words, more_types = added_rows(weights, "word"), added_rows(weights, "token_type")
    finish = norm(spec.norm, weights, "norm")

    def run(packed: Packed) -> torch.Tensor:
        x = (F.embedding(packed.token_ids, words).float() + more_words(packed.token_ids, packed)) * spec.scale
        if places is not None and position is not None:
            x = x + F.embedding(packed.positions + position.offset, places)
        if types is not None:
            # tokenizers may count types that the network does not tell apart
            kinds = packed.type_ids.clamp(max=len(types) - 1)
            x = x + F.embedding(kinds, types) + more_types(kinds, packed)
        return finish(x)

    return run


def layer(spec: Layer, weights: Weights, tables: Biases) -> Mixer:
    """One block: attention, then MLP, each with its norm and its residual."""
    mix = attention(spec.attention, weights, tables[kind_of_bias(spec.attention)])
    feed = mlp(spec.mlp, weights)
    first = norm(spec.attention_norm, weights, "attention_norm")
    last = norm(spec.mlp_norm, weights, "mlp_norm")
    match spec.wiring:
        case PostNorm():
            return _post_norm(mix, feed, first, last)
        case PreNorm():
            return _pre_norm(mix, feed, first, last)
        case SandwichNorm():
            after = norm(spec.attention_norm, weights, "attention_norm_after")
            end = norm(spec.mlp_norm, weights, "mlp_norm_after")
            return _pre_norm(_then(mix, after), _then(feed, end), first, last)
        case TwicePostNorm():
            again = norm(spec.attention_norm, weights, "attention_norm_2")
            return _post_norm(lambda x, packed: first(x + mix(x, packed)), feed, again, last)
        case _:
            assert_never(spec.wiring)


def _then(mix: Mixer, step: Step) -> Mixer:
    return lambda x, packed: step(mix(x, packed))


def _post_norm(mix: Mixer, feed: Mixer, first: Step, last: Step) -> Mixer:
    def run(x: torch.Tensor, packed: Packed) -> torch.Tensor:
        x = first(x + mix(x, packed))
        return last(x + feed(x, packed))

    return run


def _pre_norm(mix: Mixer, feed: Mixer, first: Step, last: Step) -> Mixer:
    def run(x: torch.Tensor, packed: Packed) -> torch.Tensor:
        x = x + mix(first(x), packed)
        return x + feed(last(x), packed)

    return run


def attention(spec: Attention, weights: Weights, bias: torch.Tensor | None) -> Mixer:
    """The attention sublayer, with one product for queries, keys and values."""
    project = product(weights, "qkv", "query", "key", "value", bias=spec.bias)
    out = product(weights, "out", "out", bias=spec.out_bias)
    query_norm, key_norm = (norm(spec.qk_norm, weights, name) for name in ("query_norm", "key_norm"))
    attend = _attend(spec, weights, bias)
    kind = kind_of(spec)

    def run(x: torch.Tensor, packed: Packed) -> torch.Tensor:
        heads = project(x, packed).view(len(x), -1, spec.head_size)
        q, k, v = heads.split((spec.heads, spec.kv_heads, spec.kv_heads), dim=1)
        q, k = (_normed(*one, spec.qk_norm_whole) for one in ((q, query_norm), (k, key_norm)))
        if kind is not None:
            q, k = rotate(q, packed.angles[kind]), rotate(k, packed.angles[kind])
        return out(attend(q.to(v.dtype), k.to(v.dtype), v, packed).flatten(1), packed)

    return run


def _normed(heads: torch.Tensor, norm: Step, whole: bool) -> torch.Tensor:
    return norm(heads.flatten(1)).view_as(heads) if whole else norm(heads)


def attends_by_kernel(spec: Attention, weights: Weights) -> bool:
    """Whether one kernel attends inside all inputs of a row."""
    return path_of(spec, varlen_fits(weights.device, weights.dtype, spec.head_size)) == "varlen kernel"


def _attend(spec: Attention, weights: Weights, bias: torch.Tensor | None) -> Attend:
    if attends_by_kernel(spec, weights):
        return varlen(spec.mask, spec.score_scale)
    if isinstance(spec.position, Disentangled):
        return in_runs(disentangled(spec, spec.position, weights))
    if spec.softcap is not None:
        return in_runs(capped(spec.mask, spec.score_scale, spec.softcap))
    return by_length(spec.mask, bias, spec.score_scale)
