"""What a worker is told, read once for each work: its texts, and which vectors are compared."""

import base64
import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

Prepared = TypeVar("Prepared")


class Orders(Generic[Prepared]):
    """The orders that come on standard input, each with what was prepared for its texts.

    `prepare` takes all texts; `encode` gives the vector of each text.
    """

    def __init__(self, prepare: Callable[[list[str]], Prepared], encode: Callable[[list[str]], Any]) -> None:
        self._prepare, self._encode = prepare, encode
        self._known: dict[str, tuple[Prepared, dict[str, str]]] = {}

    def __iter__(self) -> Iterator[tuple[Mapping[str, Any], list[str], Prepared, dict[str, str]]]:
        """Yield an order, its texts, what was prepared, and the vectors to compare."""
        for line in sys.stdin:
            order = json.loads(line)
            texts = [text for call in order["calls"] for text in call]
            key = hashlib.sha256(line.encode()).hexdigest()
            if key not in self._known:
                self._known[key] = self._prepare(texts), self._vectors(order["calls"], order["checked"])
            yield order, texts, *self._known[key]

    def _vectors(self, calls: Sequence[Sequence[str]], checked: Sequence[int]) -> dict[str, str]:
        rows = self._encode([calls[number][0] for number in checked])
        found = zip(checked, rows, strict=True)
        return {
            str(number): base64.b64encode(np.asarray(row, "<f4").tobytes()).decode() for number, row in found
        }


def answer(figures: Mapping[str, Any]) -> None:
    """Print a line of figures."""
    print(json.dumps(figures), flush=True)
