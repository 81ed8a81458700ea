"""A backend whose speed is set: it sleeps for each input, so that more replicas do more whatever the cores.

A plugin of the servers under test; nothing here imports it.
"""

import time
from collections.abc import Collection

import numpy as np

from vectord.core import Arrays, Backend, Batch, Bid, Hardware, ModelCard, Options, Output, Refusal, Session
from vectord.plugins import hookimpl

SECONDS = 0.04  # an input


class SlowSession:
    """Gives the same row to every input, one input after the other."""

    def __init__(self, width: int) -> None:
        self._row = np.full(width, width**-0.5, dtype=np.float32)

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        time.sleep(SECONDS * len(batch))
        return {output: np.tile(self._row, (len(batch), 1)) for output in outputs}

    def close(self) -> None:
        """Nothing is held."""


class Slow:
    """Runs any embedder."""

    name = "slow"

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        return Bid(score=1000, dtype="float32", reason="it sleeps", batch_tokens=256)

    def load(self, card: ModelCard, bid: Bid) -> Session:
        assert card.width
        return SlowSession(card.width)


@hookimpl
def register_backends() -> list[Backend]:
    return [Slow()]
