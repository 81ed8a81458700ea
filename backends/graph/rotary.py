"""Rotary positions: angles are float32 tables read by position.

Computed in the graph they would be rounded to bfloat16 where the runtime computes in it, which ruins
long inputs (measured: worst token cosine -0.10 at 1,500 tokens).
"""

from collections.abc import Callable

import numpy as np
from onnx import TensorProto

from vectord.core import Rotary
from vectord.models.rotary import Kind, by_own_length, rates

from .builder import Builder, Value
from .shape import Shape

Rotate = Callable[[Value], Value]


def rotary_emitter(b: Builder, shape: Shape, positions: int) -> Callable[[Rotary, int], Rotate]:
    """Return a function from rotary settings and head size to a rotation; layers of one kind share tables."""
    made: dict[Kind, tuple[Value, Value]] = {}
    own: list[Kind] = []

    def emit(rotary: Rotary, head_size: int) -> Rotate:
        kind = (rotary, head_size)
        if kind not in made and by_own_length(kind):
            made[kind] = declare_angles(b, len(own), head_size)
            own.append(kind)
        elif kind not in made:
            made[kind] = emit_tables(b, rotary, head_size, positions, shape)
        cos, sin = made[kind]
        return lambda x: rotate(b, x, cos, sin)

    return emit


def declare_angles(b: Builder, number: int, size: int) -> tuple[Value, Value]:
    """Return cos and sin of every token, (inputs, 1, width, head size), which come with the batch."""
    shape: tuple[str | int, ...] = ("inputs", "width", size)
    given = (b.input(f"{form}_{number}", shape, TensorProto.FLOAT) for form in ("cos", "sin"))
    cos, sin = (str(b.op("Unsqueeze", one, b.ints(1))) for one in given)
    return cos, sin


def emit_tables(b: Builder, rotary: Rotary, size: int, positions: int, shape: Shape) -> tuple[Value, Value]:
    """Return cos and sin of this batch's positions, (width, head size), both halves alike."""
    angles = np.outer(np.arange(positions), rates(rotary, size))
    tables = (np.concatenate([form(angles)] * 2, axis=1).astype(np.float32) for form in (np.cos, np.sin))
    cos, sin = (str(b.op("Gather", b.constant(table), shape.steps)) for table in tables)
    return cos, sin


def rotate(b: Builder, x: Value, cos: Value, sin: Value) -> Value:
    """Return x * cos + (-second half, first half) * sin for x (inputs, heads, width, head size)."""
    first, second = b.op("Split", x, outputs=2, axis=-1, num_outputs=2)
    turned = b.op("Concat", b.op("Neg", second), first, axis=-1)
    return str(b.op("Add", b.op("Mul", x, cos), b.op("Mul", turned, sin)))
