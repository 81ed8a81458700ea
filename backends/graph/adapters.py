"""What each input's adapter adds to products and tables.

The narrow products of all adapters are computed, and all but the input's own are masked: no table is
gathered for each input, and inputs of different adapters share a batch.
"""

import numpy as np

from vectord.core import Adapters

from .builder import Builder, Value
from .shape import Shape


class Adapting:
    """Adds low-rank products; adds nothing where the network has no adapters."""

    def __init__(self, b: Builder, adapters: Adapters | None, shape: Shape) -> None:
        self._b = b
        self._made: dict[str, Value] = {}
        if adapters is None:
            self._width, self._by_input, self._by_token = 0, "", ""
            return
        # `scale` in each adapter's own columns, 0 elsewhere; the last row, which -1 reads, is for no adapter
        count = len(adapters.names)
        own = np.repeat(np.eye(count + 1, count, dtype=np.float32), adapters.rank, axis=1)
        self._width = count * adapters.rank
        rows = b.op("Gather", b.constant(own * np.float32(adapters.scale)), b.input("adapters", ["inputs"]))
        self._by_input = b.op("Unsqueeze", rows, b.ints(1))
        every = b.op("Concat", shape.count, shape.width, b.ints(self._width), axis=0)
        by_place = b.op("Reshape", b.op("Expand", self._by_input, every), b.ints(-1, self._width))
        self._by_token = shape.taken(b, by_place)

    def product(self, y: Value, x: Value, name: str, part: tuple[int, int] | None = None) -> Value:
        """Return y, a product of x (tokens, in), with what is added to it.

        y may be only a `part` of what `name` adds to: columns from the first number to the second.
        """
        if not self._width:
            return y
        b, back = self._b, self._b.weight(f"{name}.lora_b")
        if part is not None:
            back = b.op("Slice", back, *map(b.ints, part), b.ints(1))
        wide = b.op("Reshape", b.op("Transpose", back, perm=[0, 2, 1]), b.ints(self._width, -1))
        return str(b.op("Gemm", self._narrowed(x, name), wide, y))

    def _narrowed(self, x: Value, name: str) -> Value:
        if name not in self._made:
            down = self._b.op("Reshape", self._b.weight(f"{name}.lora_a"), self._b.ints(self._width, -1))
            self._made[name] = self._b.op("Mul", self._b.op("Gemm", x, down, transB=1), self._by_token)
        return self._made[name]

    def rows(self, y: Value, ids: Value, name: str) -> Value:
        """Return y (inputs, width, hidden), read from a table by ids (inputs, width), with what is added."""
        if not self._width:
            return y
        b = self._b
        read = b.op("Gather", b.weight(f"{name}.lora_a"), ids, axis=1)
        together = b.op("Transpose", read, perm=[1, 2, 0, 3])
        narrow = b.op("Reshape", together, b.ints(0, 0, self._width))
        wide = b.op("Reshape", b.weight(f"{name}.lora_b"), b.ints(self._width, -1))
        return str(b.op("Add", y, b.op("MatMul", b.op("Mul", narrow, self._by_input), wide)))
