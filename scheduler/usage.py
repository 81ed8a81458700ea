"""What a request cost: the tokens that ran, and what was cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from vectord.core import Encoding


@dataclass(frozen=True, slots=True)
class Usage:
    """`tokens` that the model ran, special ones and prompts included; `cut`: tokens lost by each input."""

    tokens: int
    cut: tuple[int, ...]

    @classmethod
    def of(cls, encodings: Sequence[Encoding]) -> Self:
        """Return the usage of inputs that were run."""
        return cls(sum(map(len, encodings)), tuple(encoding.cut for encoding in encodings))

    @property
    def truncated(self) -> int:
        """How many inputs were cut."""
        return sum(cut > 0 for cut in self.cut)
