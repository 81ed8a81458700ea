"""Sizes that are known only when a batch comes: how many inputs, how wide, and who is padding."""

from dataclasses import dataclass

from .builder import Builder, Value


@dataclass(frozen=True, slots=True)
class Shape:
    """Values about the batch that many nodes share.

    `count` and `width` are int64 of one element; `steps` is int64 (width,), 0 to width - 1; `real` is
    bool (inputs, width), or None where no input is padded. `token_ids` is int32 (inputs, width).
    """

    count: Value
    width: Value
    steps: Value
    real: Value | None
    token_ids: Value


def emit_shape(b: Builder, token_ids: Value) -> Shape:
    """Read the sizes off the ids, and padding off the lengths."""
    count = b.op("Shape", token_ids, start=0, end=1)
    width = b.op("Shape", token_ids, start=1, end=2)
    zero, one = b.ints(0), b.ints(1)
    end = b.op("Squeeze", width, zero)
    steps = b.op("Range", b.op("Squeeze", zero, zero), end, b.op("Squeeze", one, zero))
    if not b.form.masked:
        return Shape(count, width, steps, None, token_ids)
    lengths = b.op("Cast", b.op("Unsqueeze", b.input("lengths", ["inputs"]), one), to=7)
    return Shape(count, width, steps, b.op("Less", steps, lengths), token_ids)
