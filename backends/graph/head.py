"""Token states to what a head gives: a row for each input, or for each token."""

from typing import assert_never

import numpy as np
from onnx import TensorProto, numpy_helper

from vectord.core import Dense, Head, Pooling

from .builder import Builder, Value
from .mlp import emit_activation
from .norm import emit_norm
from .shape import Shape

FLOAT = TensorProto.FLOAT
ONE = numpy_helper.from_array(np.array([True]))


def emit_head(b: Builder, x: Value, head: Head, shape: Shape) -> Value:
    """Return the head's output for x (inputs, width, hidden)."""
    if head.pooling == "max":
        x = emit_repeated(b, x, shape)
    if head.token_dense:
        x = emit_for_tokens(b, x, head.token_dense, shape)
    if head.pooling is not None:
        x = emit_dense(b, emit_pooling(b, x, head.pooling, shape, head.skipped), head.dense)
    return emit_activation(b, x, head.activation)


def emit_repeated(b: Builder, x: Value, shape: Shape) -> Value:
    """Return states whose padding repeats the first token, so that it changes no maximum.

    Cheaper here than after layers that widen each token to a vocabulary.
    """
    if shape.real is None:
        return x
    first = b.op("Gather", x, b.ints(0), axis=1)
    return str(b.op("Where", b.op("Unsqueeze", shape.real, b.ints(2)), x, first))


def emit_for_tokens(b: Builder, x: Value, layers: tuple[Dense, ...], shape: Shape) -> Value:
    """Return every token's row after the dense layers, (inputs, width, size)."""
    rows = emit_dense(b, b.op("Reshape", x, b.ints(-1, layers[0].in_size)), layers)
    size = b.op("Concat", shape.count, shape.width, b.ints(layers[-1].out_size), axis=0)
    return str(b.op("Reshape", rows, size))


def emit_dense(b: Builder, rows: Value, layers: tuple[Dense, ...]) -> Value:
    """Return the rows after the dense layers in order."""
    for dense in layers:
        rows = emit_activation(b, b.exact(rows, *dense.names), dense.activation)
        rows = emit_norm(b, rows, dense.norm, f"{dense.name}_norm")
    return rows


def emit_pooling(b: Builder, x: Value, pooling: Pooling, shape: Shape, skipped: int | None) -> Value:
    """Return one vector per input; ids that are `skipped` are never the last token."""
    match pooling:
        case "cls":
            return str(b.op("Gather", x, b.constant_index(0), axis=1))
        case "mean":
            return emit_mean(b, x, shape)
        case "last-token":
            return emit_last(b, x, shape) if skipped is None else emit_last_kept(b, x, shape, skipped)
        case "max":
            return str(b.op("ReduceMax", x, b.ints(1), keepdims=0))
        case "weighted-mean":
            return emit_weighted(b, x, shape)
        case "mean-sqrt":
            return emit_mean_sqrt(b, x, shape)
        case _:
            assert_never(pooling)


def emit_mean(b: Builder, x: Value, shape: Shape) -> Value:
    """Return the mean over the real tokens."""
    if shape.real is None:
        return str(b.op("ReduceMean", x, b.ints(1), keepdims=0))
    weight = b.op("Cast", shape.real, to=FLOAT)
    return weighted_sum(b, x, b.op("Div", weight, total(b, weight)))


def emit_weighted(b: Builder, x: Value, shape: Shape) -> Value:
    """Return the mean over the real tokens, in which token i (from 1) counts i times."""
    place = b.op("Cast", b.op("Add", shape.steps, b.ints(1)), to=FLOAT)
    weight = b.op("Mul", place, b.op("Cast", real_tokens(b, shape), to=FLOAT))
    return weighted_sum(b, x, b.op("Div", weight, total(b, weight)))


def emit_mean_sqrt(b: Builder, x: Value, shape: Shape) -> Value:
    """Return the sum over the real tokens, divided by the square root of their number."""
    weight = b.op("Cast", real_tokens(b, shape), to=FLOAT)
    return weighted_sum(b, x, b.op("Div", weight, b.op("Sqrt", total(b, weight))))


def weighted_sum(b: Builder, x: Value, weight: Value) -> Value:
    """Return the sum over the width of x (inputs, width, hidden), by weights (inputs, width)."""
    return str(b.op("Squeeze", b.op("MatMul", b.op("Unsqueeze", weight, b.ints(1)), x), b.ints(1)))


def total(b: Builder, weight: Value) -> Value:
    """Return the sum of each input's weights, (inputs, 1)."""
    return str(b.op("ReduceSum", weight, b.ints(1), keepdims=1))


def real_tokens(b: Builder, shape: Shape) -> Value:
    """Return bool (inputs, width) of who is no padding."""
    if shape.real is not None:
        return shape.real
    size = b.op("Concat", shape.count, shape.width, axis=0)
    return str(b.op("ConstantOfShape", size, value=ONE))


def emit_last(b: Builder, x: Value, shape: Shape) -> Value:
    """Return the last real token."""
    if shape.real is None:
        return str(b.op("Gather", x, b.constant_index(-1), axis=1))
    count = b.op("ReduceSum", b.op("Cast", shape.real, to=TensorProto.INT64), b.ints(1), keepdims=1)
    return str(b.op("GatherND", x, b.op("Sub", count, b.ints(1)), batch_dims=1))


def emit_last_kept(b: Builder, x: Value, shape: Shape, skipped: int) -> Value:
    """Return the last real token whose id is another than the one that is skipped."""
    kept = b.op("Not", b.op("Equal", shape.token_ids, b.constant(np.array(skipped, np.int32))))
    kept = kept if shape.real is None else b.op("And", kept, shape.real)
    places = b.op("Where", kept, shape.steps, b.ints(0))
    return str(b.op("GatherND", x, b.op("ReduceMax", places, b.ints(1), keepdims=1), batch_dims=1))
