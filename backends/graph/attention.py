"""Multi-head attention in standard operators: they measured as fast as fused ones on both runtimes."""

from vectord.core import Attention, Norm

from .builder import Builder, Value
from .mask import without_blind
from .norm import emit_norm
from .rotary import Rotate
from .shape import Shape


def emit_attention(
    b: Builder,
    x: Value,
    attention: Attention,
    name: str,
    shape: Shape,
    bias: Value | None,
    rotate: Rotate | None,
) -> Value:
    """Return the attention's output for x (tokens, hidden), as (tokens, hidden)."""
    query = heads_of(b, x, f"{name}.query", attention.heads, attention, shape, rotate)
    key = heads_of(b, x, f"{name}.key", attention.kv_heads, attention, shape, rotate)
    value = heads_of(b, x, f"{name}.value", attention.kv_heads, attention, shape, None)
    query = b.op("Mul", query, b.scalar(attention.head_size**-0.5))
    scores = b.op("MatMul", query, b.op("Transpose", repeat(b, key, attention, shape), perm=[0, 1, 3, 2]))
    scores = scores if bias is None else b.op("Add", scores, bias)
    seen = b.op("MatMul", b.op("Softmax", scores, axis=-1), repeat(b, value, attention, shape))
    seen = without_blind(b, seen, attention.mask, shape)
    joined = b.op("Transpose", seen, perm=[0, 2, 1, 3])
    flat = b.op("Reshape", joined, b.ints(-1, attention.heads * attention.head_size))
    return b.linear(flat, f"{name}.out")


def heads_of(
    b: Builder, x: Value, name: str, heads: int, attention: Attention, shape: Shape, rotate: Rotate | None
) -> Value:
    """Return one projection split into heads: (inputs, heads, width, head size)."""
    size = b.op("Concat", shape.count, shape.width, b.ints(heads, attention.head_size), axis=0)
    split = b.op("Reshape", b.linear(x, name), size)
    norm: Norm | None = None if name.endswith("value") else attention.qk_norm
    split = b.op("Transpose", emit_norm(b, split, norm, f"{name}_norm"), perm=[0, 2, 1, 3])
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
