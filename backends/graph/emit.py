"""An `Arch` and a `Head` to a graph."""

from collections.abc import Callable, Iterable, Mapping
from typing import assert_never

from vectord.core import (
    Arch,
    Disentangled,
    Head,
    Layer,
    PostNorm,
    PreNorm,
    Rotary,
    SandwichNorm,
    StoredTensor,
    TwicePostNorm,
)

from ..form import Form
from .adapters import Adapting
from .alibi import away_emitter
from .attention import Places, emit_attention
from .builder import Builder, Value
from .disentangled import disentangled_emitter
from .embedding import emit_embedding
from .form import Graph
from .head import emit_head
from .mlp import emit_mlp
from .norm import emit_norm
from .relative import bias_emitter
from .rotary import rotary_emitter
from .shape import Shape, emit_shape

Sublayer = Callable[[Value], Value]


def emit(
    arch: Arch, heads: Iterable[Head], tensors: Mapping[str, StoredTensor], form: Form, positions: int
) -> Graph:
    """Return the graph of a checkpoint in one form; inputs are at most `positions` tokens long.

    It has an output for each head; the one of a head without pooling is (inputs, width, size).
    """
    b = Builder(form, tensors)
    token_ids = b.input("token_ids", ["inputs", "width"])
    shape = emit_shape(b, token_ids)
    adapting = Adapting(b, arch.adapters, shape)
    x = emit_embedding(b, token_ids, arch.embedding, shape, adapting)
    x = shape.taken(b, b.op("Reshape", x, b.ints(-1, arch.hidden_size)))
    x = emit_layers(b, x, arch, shape, positions, adapting)
    x = emit_norm(b, x, arch.final_norm, "final_norm")
    x = shape.spread(b, x)
    states = b.op("Reshape", x, b.op("Concat", shape.count, shape.width, b.ints(arch.hidden_size), axis=0))
    for head in heads:
        b.output(head.output, emit_head(b, states, head, shape), output_shape(head, arch.hidden_size))
    return b.finish()


def output_shape(head: Head, hidden_size: int) -> tuple[str | int, ...]:
    """Return the declared shape of a head's output."""
    size = head.width(hidden_size)
    return ("inputs", "width", size) if head.pooling is None else ("inputs", size)


def emit_layers(b: Builder, x: Value, arch: Arch, shape: Shape, positions: int, adapting: Adapting) -> Value:
    """Return the states after all blocks, for x (tokens, hidden)."""
    at_once = longest_at_once(b, arch, positions)
    bias_of = bias_emitter(b, shape, positions, at_once)
    rotation_of = rotary_emitter(b, shape, positions)
    relation_of = disentangled_emitter(b, shape, positions)
    away_of = away_emitter(b, shape, at_once)
    for index, layer in enumerate(arch.layers):
        name, attention = f"layers.{index}", layer.attention
        position = attention.position
        places = Places(
            bias_of(attention),
            rotation_of(position, attention.head_size) if isinstance(position, Rotary) else None,
            relation_of(attention, name),
            away_of(attention),
            at_once,
        )

        def attend(x: Value, layer: Layer = layer, name: str = name, places: Places = places) -> Value:
            return emit_attention(b, x, layer.attention, name, shape, places, adapting)

        def think(x: Value, layer: Layer = layer, name: str = name) -> Value:
            return emit_mlp(b, x, layer.mlp, name, adapting)

        x = emit_block(b, x, layer, name, attend, think)
    return x


def longest_at_once(b: Builder, arch: Arch, positions: int) -> int | None:
    """Return the longest input that is attended at once, None where none needs to be taken apart.

    Disentangled scores are made of the whole width; such networks take short inputs only.
    """
    if any(isinstance(layer.attention.position, Disentangled) for layer in arch.layers):
        return None
    at_once = b.form.at_once
    return at_once if at_once is not None and positions > at_once else None


def emit_block(b: Builder, x: Value, layer: Layer, name: str, attend: Sublayer, think: Sublayer) -> Value:
    """Return one block's output: both sublayers, wired with their norms."""

    def first(x: Value) -> Value:
        return emit_norm(b, x, layer.attention_norm, f"{name}.attention_norm")

    def last(x: Value) -> Value:
        return emit_norm(b, x, layer.mlp_norm, f"{name}.mlp_norm")

    match layer.wiring:
        case PostNorm():
            x = first(b.op("Add", x, attend(x)))
            return last(b.op("Add", x, think(x)))
        case PreNorm():
            x = b.op("Add", x, attend(first(x)))
            return str(b.op("Add", x, think(last(x))))
        case SandwichNorm():
            after = emit_norm(b, attend(first(x)), layer.attention_norm, f"{name}.attention_norm_after")
            x = b.op("Add", x, after)
            after = emit_norm(b, think(last(x)), layer.mlp_norm, f"{name}.mlp_norm_after")
            return str(b.op("Add", x, after))
        case TwicePostNorm():
            inner = b.op("Add", x, first(b.op("Add", x, attend(x))))
            x = emit_norm(b, inner, layer.attention_norm, f"{name}.attention_norm_2")
            return last(b.op("Add", x, think(x)))
        case _:
            assert_never(layer.wiring)
