"""Disentangled attention: scores of content against relative position and back (He et al. 2020)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vectord.core import Attention, Disentangled, Position
from vectord.models.disentangled import rows

from .builder import Builder, Value
from .norm import emit_norm
from .shape import Shape

# scaled queries and keys, (inputs, heads, width, head size), to scores (inputs, heads, queries, keys)
Relate = Callable[[Value, Value], Value]


@dataclass(frozen=True, slots=True)
class Table:
    """What all layers share: `vectors` of relative positions (2 * span, hidden), and their rows by distance.

    Both are (2 * width,): `falling` from distance width - 1 to -width, `rising` from 1 - width to width.
    """

    vectors: Value
    falling: Value
    rising: Value


def disentangled_emitter(
    b: Builder, shape: Shape, positions: int
) -> Callable[[Attention, str], Relate | None]:
    """Return a function from a layer's attention and name to its scores, None where it has no such ones."""
    made: dict[Position, Table] = {}

    def emit(attention: Attention, name: str) -> Relate | None:
        position = attention.position
        if not isinstance(position, Disentangled):
            return None
        if position not in made:
            made[position] = emit_table(b, position, shape, positions)
        prefix = f"{name}." if position.shared_projections else f"{name}.position_"
        table = made[position]
        return lambda query, key: emit_relation(b, query, key, attention, position, prefix, table, shape)

    return emit


def emit_table(b: Builder, position: Disentangled, shape: Shape, positions: int) -> Table:
    """Return the vectors, and the rows that this batch's distances read."""
    vectors = emit_norm(b, b.weight("relative.weight"), position.norm, "relative_norm")
    falling, rising = np.arange(positions - 1, -positions - 1, -1), np.arange(1 - positions, positions + 1)
    middle = b.ints(positions)
    bounds = b.op("Sub", middle, shape.width), b.op("Add", middle, shape.width)
    read = [str(b.op("Slice", b.constant(rows(position, one)), *bounds)) for one in (falling, rising)]
    return Table(vectors, *read)


def emit_relation(
    b: Builder,
    query: Value,
    key: Value,
    attention: Attention,
    position: Disentangled,
    prefix: str,
    table: Table,
    shape: Shape,
) -> Value:
    """Return the scores that one layer adds; `prefix` begins the names of its projections of positions."""
    terms = []
    if position.content_to_position:
        near = emit_near(b, f"{prefix}key", attention, table.vectors, table.falling)
        terms.append(skew(b, b.op("MatMul", query, near), shape))
    if position.position_to_content:
        near = emit_near(b, f"{prefix}query", attention, table.vectors, table.rising)
        scaled = b.op("MatMul", key, b.op("Mul", near, b.scalar(attention.score_scale)))
        terms.append(str(b.op("Transpose", skew(b, scaled, shape), perm=[0, 1, 3, 2])))
    return terms[0] if len(terms) == 1 else str(b.op("Add", *terms))


def emit_near(b: Builder, name: str, attention: Attention, vectors: Value, read: Value) -> Value:
    """Return this batch's positions in a layer's projection: (heads, head size, 2 * width)."""
    split = b.op("Reshape", b.exact(vectors, name), b.ints(-1, attention.heads, attention.head_size))
    # made of weights alone, so that the runtimes compute it once, when they load
    heads = b.op("Transpose", split, perm=[1, 0, 2])
    return str(b.op("Transpose", b.op("Gather", heads, read, axis=1), perm=[0, 2, 1]))


def skew(b: Builder, scores: Value, shape: Shape) -> Value:
    """Return scores by position, (…, width, width), of scores by distance, (…, width, 2 * width).

    Row i wants the columns from width - 1 - i on: those that lie below each other when the rows are one
    shorter and begin width - 1 later. Measured faster than picking each element by its index.
    """
    width, one, outer = shape.width, b.ints(1), b.ints(0, 0)
    flat = b.op("Reshape", scores, b.op("Concat", outer, b.ints(-1), axis=0))
    row, start = b.op("Sub", b.op("Add", width, width), one), b.op("Sub", width, one)
    stop = b.op("Add", start, b.op("Mul", width, row))
    shorter = b.op(
        "Reshape", b.op("Slice", flat, start, stop, b.ints(2)), b.op("Concat", outer, width, row, axis=0)
    )
    return str(b.op("Slice", shorter, b.ints(0), width, b.ints(3)))
