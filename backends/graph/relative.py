"""What is added to attention scores: the mask, and a bias by signed distance.

Biases are float32 tables read by integers: distances that a runtime holds in bfloat16 are wrong beyond 256.
"""

from collections.abc import Callable
from typing import assert_never

from vectord.core import Alibi, Attention, Buckets, Disentangled, Mask, Position, Rotary
from vectord.models.relative import alibi, bucket_rows

from .builder import Builder, Value
from .mask import mask_emitter
from .shape import Shape


def bias_emitter(b: Builder, shape: Shape, positions: int) -> Callable[[Attention], Value | None]:
    """Return a function from an attention to what its scores get; layers of one kind share it."""
    mask_of = mask_emitter(b, shape)
    made: dict[tuple[Mask, Position | None, int], Value | None] = {}

    def emit(attention: Attention) -> Value | None:
        key = (attention.mask, attention.position, attention.heads)
        if key not in made:
            table = emit_table(b, attention.position, attention.heads, positions)
            parts = [mask_of(attention.mask), table and emit_distances(b, table, shape, positions)]
            given = [one for one in parts if one is not None]
            made[key] = given[0] if len(given) == 1 else b.op("Add", *given) if given else None
        return made[key]

    return emit


def emit_table(b: Builder, position: Position | None, heads: int, positions: int) -> Value | None:
    """Return the bias of every distance, (heads, 2 * positions - 1); None where there is none."""
    match position:
        case None | Rotary() | Disentangled():
            return None
        case Alibi():
            return b.constant(alibi(heads, positions))
        case Buckets():
            rows = b.constant(bucket_rows(position, positions))
            return str(b.op("Transpose", b.op("Gather", b.weight("relative.weight"), rows), perm=[1, 0]))
        case _:
            assert_never(position)


def emit_distances(b: Builder, table: Value, shape: Shape, positions: int) -> Value:
    """Return a table read at each query's distance to each key, (heads, queries, keys)."""
    ahead = b.op("Sub", shape.steps, b.op("Unsqueeze", shape.steps, b.ints(1)))
    return str(b.op("Gather", table, b.op("Add", ahead, b.ints(positions - 1)), axis=1))
