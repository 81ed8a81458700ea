"""Attention of long inputs block by block, so that its memory grows with the length and not its square.

A block of queries against all keys is exact: nothing needs putting together (as in Rabe and Staats 2021,
arXiv 2112.05682, without their blocks of keys).
"""

from collections.abc import Callable

from onnx import TensorProto

from .builder import Builder, Value
from .shape import Shape

PAIRS = 2**21  # pairs of query and key in a block, for each head

# queries (inputs, heads, rows, head size) and which rows they are (None: all) to what they see
Attend = Callable[[Value, Value | None], Value]


def emit_in_blocks(b: Builder, query: Value, attend: Attend, shape: Shape, at_once: int) -> Value:
    """Return what all queries see: at once for a short batch, in a loop over blocks for a long one."""
    is_long = b.op("Squeeze", b.op("Greater", shape.width, b.ints(at_once)), b.ints(0))
    with b.branch("long") as long:
        long.output(emit_loop(b, query, attend, shape))
    with b.branch("short") as short:
        short.output(attend(query, None))
    return str(b.op("If", is_long, then_branch=long.graph(), else_branch=short.graph()))


def emit_loop(b: Builder, query: Value, attend: Attend, shape: Shape) -> Value:
    """Return what all queries see, a block of them after the other."""
    rows = b.op("Max", b.op("Div", b.ints(PAIRS), shape.width), b.ints(1))
    count = b.op("Div", b.op("Sub", b.op("Add", shape.width, rows), b.ints(1)), rows)
    none = b.op("Slice", query, b.ints(0), b.ints(0), b.ints(2))
    with b.branch("block") as block:
        number = block.input("number", TensorProto.INT64, [])
        block.input("again", TensorProto.BOOL, [])
        before = block.input("before", TensorProto.FLOAT, None)
        start = b.op("Mul", b.op("Unsqueeze", number, b.ints(0)), rows)
        stop = b.op("Add", start, rows)
        seen = attend(b.op("Slice", query, start, stop, b.ints(2)), b.op("Slice", shape.steps, start, stop))
        block.output(b.op("Identity", b.constant_true()), TensorProto.BOOL, [])
        block.output(b.op("Concat", before, seen, axis=2))
    trips = b.op("Squeeze", count, b.ints(0))
    return str(b.op("Loop", trips, "", none, body=block.graph()))
