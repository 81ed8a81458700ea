"""Multi-head attention in standard operators: they measured as fast as fused ones on both runtimes."""

from dataclasses import dataclass

from vectord.core import Attention, Norm

from .adapters import Adapting
from .alibi import Away, unit
from .blocks import emit_in_blocks
from .builder import Builder, Value
from .disentangled import Relate
from .mask import without_blind
from .norm import emit_norm
from .relative import Bias
from .rotary import Rotate
from .shape import Shape


@dataclass(frozen=True, slots=True)
class Places:
    """What a layer's attention knows of positions, each None where it does not matter.

    `bias` is added to the scores, `rotate` turns queries and keys, `relate` gives more scores of them,
    `away` are the distances that lower them.
    `at_once` is the longest input of which all queries are attended at once, None: any.
    """

    bias: Bias
    rotate: Rotate | None
    relate: Relate | None
    away: Away | None
    at_once: int | None


def emit_attention(
    b: Builder,
    x: Value,
    attention: Attention,
    name: str,
    shape: Shape,
    places: Places,
    adapting: Adapting,
) -> Value:
    """Return the attention's output for x (tokens, hidden), as (tokens, hidden)."""
    flat = emit_projections(b, x, attention, name, adapting)
    query = heads_of(b, flat[0], f"{name}.query", attention.heads, attention, shape, places.rotate)
    key = heads_of(b, flat[1], f"{name}.key", attention.kv_heads, attention, shape, places.rotate)
    value = heads_of(b, flat[2], f"{name}.value", attention.kv_heads, attention, shape, None)
    query = b.op("Mul", query, b.floats(attention.score_scale / unit(attention)))
    keys, values = repeat(b, key, attention, shape), repeat(b, value, attention, shape)

    def attend(query: Value, rows: Value | None) -> Value:
        scores = emit_scores(b, query, keys, attention, places, rows)
        return str(b.op("MatMul", b.op("Softmax", scores, axis=-1), values))

    limit = places.at_once
    seen = attend(query, None) if limit is None else emit_in_blocks(b, query, attend, shape, limit)
    seen = without_blind(b, seen, attention.mask, shape)
    joined = b.op("Transpose", seen, perm=[0, 2, 1, 3])
    whole = shape.taken(b, b.op("Reshape", joined, b.ints(-1, attention.heads * attention.head_size)))
    return adapting.product(b.linear(whole, f"{name}.out"), whole, f"{name}.out")


def emit_projections(
    b: Builder, x: Value, attention: Attention, name: str, adapting: Adapting
) -> list[Value]:
    """Return queries, keys and values of x (tokens, hidden), each (tokens, heads * head size)."""
    sizes = {"query": attention.heads, "key": attention.kv_heads, "value": attention.kv_heads}
    out, start = [], 0
    for stem, heads in sizes.items():
        stop = start + heads * attention.head_size
        out.append(adapting.product(b.linear(x, f"{name}.{stem}"), x, f"{name}.qkv", (start, stop)))
        start = stop
    return out


def emit_scores(
    b: Builder, query: Value, key: Value, attention: Attention, places: Places, rows: Value | None
) -> Value:
    """Return what softmax takes, for scaled queries and keys (inputs, heads, width, head size).

    `rows` are the positions of the queries, None where they are all.
    """
    scores = b.op("MatMul", query, b.op("Transpose", key, perm=[0, 1, 3, 2]))
    if places.relate is not None:
        scores = b.op("Add", scores, places.relate(query, key))
    if attention.softcap is not None:
        cap = b.floats(attention.softcap / unit(attention))
        scores = b.op("Mul", b.op("Tanh", b.op("Div", scores, cap)), cap)
    if places.away is not None:
        scores = b.op("Mul", b.op("Sub", scores, places.away(rows)), b.floats(unit(attention)))
    bias = places.bias(rows)
    return str(scores if bias is None else b.op("Add", scores, bias))


def heads_of(
    b: Builder, flat: Value, name: str, heads: int, attention: Attention, shape: Shape, rotate: Rotate | None
) -> Value:
    """Return one projection split into heads: (inputs, heads, width, head size)."""
    size = b.op("Concat", shape.count, shape.width, b.ints(heads, attention.head_size), axis=0)
    norm: Norm | None = None if name.endswith("value") else attention.qk_norm
    whole, each = (norm, None) if attention.qk_norm_whole else (None, norm)
    flat = shape.spread(b, emit_norm(b, flat, whole, f"{name}_norm"))
    split = emit_norm(b, b.op("Reshape", flat, size), each, f"{name}_norm")
    split = b.op("Transpose", split, perm=[0, 2, 1, 3])
    return rotate(split) if rotate is not None else split


def repeat(b: Builder, x: Value, attention: Attention, shape: Shape) -> Value:
    """Return keys or values with each head given to its group of query heads."""
    group = attention.heads // attention.kv_heads
    if group == 1:
        return x
    one = b.ints(1)
    times = b.op("Concat", shape.count, b.ints(attention.kv_heads, group), shape.width, one, axis=0)
    spread = b.op("Expand", b.op("Unsqueeze", x, b.ints(2)), times)
    whole = b.op(
        "Concat", shape.count, b.ints(attention.heads), shape.width, b.ints(attention.head_size), axis=0
    )
    return str(b.op("Reshape", spread, whole))
