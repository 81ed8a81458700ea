"""Sizes that are known only when a batch comes: how many inputs, how wide, and who is padding.

States are (tokens, hidden), and padding is no token: tokens stand among padded inputs only while they look
at each other, as in ByteTransformer (Zhai et al. 2022, arXiv 2210.03052).
"""

from dataclasses import dataclass

from .builder import Builder, Value


@dataclass(frozen=True, slots=True)
class Shape:
    """Values about the batch that many nodes share.

    `count` and `width` are int64 of one element; `steps` is int64 (width,), 0 to width - 1; `real` is
    bool (inputs, width), or None where no input is padded. `token_ids` is int32 (inputs, width). `places`
    and `token_at` are int32 (see `Form`), or None where no input is padded.
    """

    count: Value
    width: Value
    steps: Value
    real: Value | None
    token_ids: Value
    places: Value | None
    token_at: Value | None

    def taken(self, b: Builder, rows: Value) -> Value:
        """Return the tokens' rows of those of all places, (inputs * width, size)."""
        return rows if self.places is None else str(b.op("Gather", rows, self.places))

    def spread(self, b: Builder, rows: Value) -> Value:
        """Return rows for all places of the tokens' rows, (tokens, size); padding has any."""
        return rows if self.token_at is None else str(b.op("Gather", rows, self.token_at))


def emit_shape(b: Builder, token_ids: Value) -> Shape:
    """Read the sizes off the ids, and padding off the lengths."""
    count = b.op("Shape", token_ids, start=0, end=1)
    width = b.op("Shape", token_ids, start=1, end=2)
    zero, one = b.ints(0), b.ints(1)
    end = b.op("Squeeze", width, zero)
    steps = b.op("Range", b.op("Squeeze", zero, zero), end, b.op("Squeeze", one, zero))
    if not b.form.masked:
        return Shape(count, width, steps, None, token_ids, None, None)
    lengths = b.op("Cast", b.op("Unsqueeze", b.input("lengths", ["inputs"]), one), to=7)
    places, token_at = b.input("places", ["tokens"]), b.input("token_at", ["places"])
    return Shape(count, width, steps, b.op("Less", steps, lengths), token_ids, places, token_at)
