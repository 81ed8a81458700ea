"""`python -m tests.backends.shapes CHECKPOINT BACKEND COUNT`: the memory that random shapes leave.

Prints the resident megabytes after each quarter as a list.
"""

import json
import sys
from pathlib import Path

import numpy as np
import psutil

from vectord.core import Batch, Encoding

from .running import Model

TOKENS = 1024
QUARTERS = 4


def random_batch(random: np.random.Generator, limit: int, vocabulary: int) -> Batch:
    """Return a batch of mixed lengths whose rows, padded to the longest, hold at most `TOKENS`."""
    longest = int(random.integers(1, min(limit, TOKENS) + 1))
    lengths = random.integers(1, longest + 1, random.integers(1, TOKENS // longest + 1))
    rows = [random.integers(5, vocabulary, length).astype(np.int32) for length in lengths]
    return Batch.of([Encoding(row, np.zeros_like(row)) for row in rows])


def resident(path: Path, backend: str, count: int) -> list[float]:
    """Return the resident megabytes after each quarter of `count` batches."""
    model, process, random = Model.at(path), psutil.Process(), np.random.default_rng(0)
    card, session = model.card, model.load(backend)
    outputs = [card.head.output]
    found = []
    for _ in range(QUARTERS):
        for _ in range(count // QUARTERS):
            session.run(random_batch(random, card.max_length, card.network.vocab_size), outputs)
        found.append(process.memory_info().rss / 1e6)
    return found


if __name__ == "__main__":
    print(json.dumps(resident(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))))
