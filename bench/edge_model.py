"""`vectord serve` whose model costs no CPU: it sleeps for as long as the model would take.

`python -m bench.edge_model SECONDS_PER_TOKEN serve MODEL …`. All else is the server's own: HTTP, JSON,
tokenising, queue, packing, handing out. Its CPU time per text is what all that costs, under the same
load and in the same batches as the real one.
"""

import sys
import time
from collections.abc import Collection

import numpy as np

from vectord.cli import main
from vectord.core import Arrays, Batch, Bid, ModelCard, Output, Session
from vectord.plugins import backends, load_plugins
from vectord.scheduler import Limits

MOST = 4096  # inputs of a batch


class Sleeper:
    """A session that has its rows ready and waits."""

    def __init__(self, width: int, bid: Bid, seconds: float) -> None:
        self._limits, self._seconds = Limits(bid.batch_tokens, 0, bid.pad_to, bid.padding), seconds
        rows = np.random.default_rng(0).standard_normal((MOST, width)).astype(np.float32)
        self._rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        """Wait, and return as many rows as there are inputs."""
        time.sleep(self._seconds * self._limits.size(batch))
        return {"embedding": self._rows[: len(batch)]}

    def close(self) -> None:
        """Do nothing."""


def replace_sessions(seconds: float) -> None:
    """Let every backend load a sleeper."""

    def load(self: object, card: ModelCard, bid: Bid) -> Session:
        return Sleeper(card.width, bid, seconds)

    for backend in backends(load_plugins()).values():
        type(backend).load = load  # type: ignore[method-assign]


if __name__ == "__main__":
    replace_sessions(float(sys.argv[1]))
    sys.exit(main(sys.argv[2:]))
