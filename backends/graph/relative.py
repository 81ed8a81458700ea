"""What is added to attention scores: the mask, and a learned bias by signed distance.

Biases are float32 tables read by integers: distances that a runtime holds in bfloat16 are wrong beyond 256.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from vectord.core import Alibi, Attention, Buckets, Disentangled, Mask, Position, Rotary
from vectord.models.relative import bucket_rows

from .builder import Builder, Value
from .mask import emit_mask
from .shape import Shape

# the positions of some queries (None: all that are attended at once) to what their scores get
Bias = Callable[[Value | None], Value | None]
Kind = tuple[Mask, Position | None]


def bias_emitter(
    b: Builder, shape: Shape, positions: int, at_once: int | None
) -> Callable[[Attention], Bias]:
    """Return a function from an attention to its bias; layers of one kind share that of all queries.

    `at_once` is the longest input of which all queries are attended at once, None: any.
    """
    near = shape if at_once is None else shortened(b, shape, at_once)
    tables: dict[Kind, Value | None] = {}
    made: dict[Kind, Value | None] = {}

    def emit(attention: Attention) -> Bias:
        kind = (attention.mask, attention.position)
        if kind not in made:
            tables[kind] = emit_table(b, attention.position, positions)
            made[kind] = emit_bias(b, attention.mask, tables[kind], near, near.steps, positions)

        def bias(rows: Value | None) -> Value | None:
            if rows is None:
                return made[kind]
            return emit_bias(b, attention.mask, tables[kind], shape, rows, positions)

        return bias

    return emit


def shortened(b: Builder, shape: Shape, width: int) -> Shape:
    """Return the shape of the batch's first `width` places."""
    bounds = b.ints(0), b.ints(width)
    steps = b.op("Slice", shape.steps, *bounds)
    real = shape.real and b.op("Slice", shape.real, *bounds, b.ints(1))
    return replace(shape, steps=steps, real=real)


def emit_bias(
    b: Builder, mask: Mask, table: Value | None, shape: Shape, rows: Value, positions: int
) -> Value | None:
    """Return what the scores of queries at the positions `rows` get; None where that is nothing."""
    parts = [emit_mask(b, mask, shape, rows), table and emit_distances(b, table, shape, rows, positions)]
    given = [one for one in parts if one is not None]
    return given[0] if len(given) == 1 else b.op("Add", *given) if given else None


def emit_table(b: Builder, position: Position | None, positions: int) -> Value | None:
    """Return the learned bias of every distance, (2 * positions - 1, heads); None where there is none."""
    match position:
        case None | Rotary() | Disentangled() | Alibi():
            return None
        case Buckets():
            rows = b.constant(bucket_rows(position, positions))
            return str(b.op("Gather", b.weight("relative.weight"), rows))
        case _:
            assert_never(position)


def emit_distances(b: Builder, table: Value, shape: Shape, rows: Value, positions: int) -> Value:
    """Return a table read at each query's distance to each key, (heads, queries, keys)."""
    ahead = b.op("Sub", shape.steps, b.op("Unsqueeze", rows, b.ints(1)))
    read = b.op("Gather", table, b.op("Add", ahead, b.ints(positions - 1)))
    return str(b.op("Transpose", read, perm=[2, 0, 1]))
