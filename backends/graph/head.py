"""Token states to one row per input."""

from typing import assert_never

from vectord.core import Head, Pooling

from .builder import Builder, Value
from .mlp import emit_activation
from .norm import emit_norm
from .shape import Shape


def emit_head(b: Builder, x: Value, head: Head, shape: Shape) -> Value:
    """Return the head's rows for x (inputs, width, hidden)."""
    row = emit_pooling(b, x, head.pooling, shape)
    for dense in head.dense:
        row = emit_activation(b, b.linear(row, dense.name), dense.activation)
        row = emit_norm(b, row, dense.norm, f"{dense.name}_norm")
    return row


def emit_pooling(b: Builder, x: Value, pooling: Pooling, shape: Shape) -> Value:
    """Return one vector per input."""
    match pooling:
        case "cls":
            return str(b.op("Gather", x, b.constant_index(0), axis=1))
        case "mean":
            return emit_mean(b, x, shape)
        case "last-token":
            return emit_last(b, x, shape)
        case _:
            assert_never(pooling)


def emit_mean(b: Builder, x: Value, shape: Shape) -> Value:
    """Return the mean over the real tokens."""
    if shape.real is None:
        return str(b.op("ReduceMean", x, b.ints(1), keepdims=0))
    weight = b.op("Cast", shape.real, to=1)
    share = b.op("Div", weight, b.op("ReduceSum", weight, b.ints(1), keepdims=1))
    return str(b.op("Squeeze", b.op("MatMul", b.op("Unsqueeze", share, b.ints(1)), x), b.ints(1)))


def emit_last(b: Builder, x: Value, shape: Shape) -> Value:
    """Return the last real token."""
    if shape.real is None:
        return str(b.op("Gather", x, b.constant_index(-1), axis=1))
    count = b.op("ReduceSum", b.op("Cast", shape.real, to=7), b.ints(1), keepdims=1)
    return str(b.op("GatherND", x, b.op("Sub", count, b.ints(1)), batch_dims=1))
