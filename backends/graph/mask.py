"""Who may attend to whom, as numbers added to the attention scores."""

from typing import assert_never

from onnx import TensorProto

from vectord.core import Causal, Full, Mask, Window

from .builder import Builder, Value
from .shape import Shape

# Finite even in float16, so that a row with nothing to see gives numbers, not NaN, which 0 x NaN would spread
HIDDEN = -3e4


def emit_mask(b: Builder, mask: Mask, shape: Shape, rows: Value) -> Value | None:
    """Return float32 that broadcasts over (inputs, heads, queries, keys); None where all see all.

    `rows` are the positions of the queries.
    """
    keys = None if shape.real is None else b.op("Unsqueeze", shape.real, b.ints(1, 2))
    pairs = visible_pairs(b, mask, b.op("Unsqueeze", rows, b.ints(1)), shape.steps)
    seen = [one for one in (keys, pairs) if one is not None]
    if not seen:
        return None
    allowed = seen[0] if len(seen) == 1 else b.op("And", *seen)
    return str(b.op("Where", allowed, b.scalar(0.0), b.scalar(HIDDEN)))


def without_blind(b: Builder, x: Value, mask: Mask, shape: Shape) -> Value:
    """Return x (inputs, heads, width, size) with zeros for tokens in whose window nothing is to be seen.

    That is what an attention over no keys gives; padding, which is as blind, is not read by anybody.
    """
    if not b.form.unseen or shape.real is None or not isinstance(mask, Window):
        return x
    seen = b.op("ReduceSum", b.op("Cast", shape.real, to=TensorProto.INT64), b.ints(1), keepdims=1)
    sighted = b.op("Less", b.op("Sub", shape.steps, b.ints(mask.before)), seen)
    return str(b.op("Mul", x, b.op("Unsqueeze", b.op("Cast", sighted, to=TensorProto.FLOAT), b.ints(1, 3))))


def visible_pairs(b: Builder, mask: Mask, rows: Value, columns: Value) -> Value | None:
    """Return bool (queries, keys) of who may see whom by position alone."""
    match mask:
        case Full():
            return None
        case Causal():
            return str(b.op("LessOrEqual", columns, rows))
        case Window(before, after):
            ahead = b.op("Sub", columns, rows)
            near = b.op("LessOrEqual", ahead, b.ints(after)), b.op("GreaterOrEqual", ahead, b.ints(-before))
            return str(b.op("And", *near))
        case _:
            assert_never(mask)
