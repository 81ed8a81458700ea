"""A backend that takes the time that a cost model says, a plugin of a real server.

It sleeps, so that a machine busy with other things measures alike; its embeddings mean nothing.
"""

import os
import time
from collections.abc import Collection

import numpy as np

from vectord.core import Arrays, Backend, Batch, Bid, Hardware, ModelCard, Options, Output, Refusal, Session
from vectord.plugins import hookimpl

BATCH_SECONDS = 0.002
TOKEN_SECONDS = "VECTORD_TEST_TOKEN_SECONDS"  # the variable that says how long a padded token takes
WIDTH = 384


class SleepingSession:
    """Sleeps for what a batch costs."""

    def __init__(self, token_seconds: float) -> None:
        self._token_seconds = token_seconds

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        time.sleep(BATCH_SECONDS + self._token_seconds * len(batch) * batch.longest)
        return dict.fromkeys(outputs, np.ones((len(batch), WIDTH), np.float32))

    def close(self) -> None:
        """Nothing is held."""


class Sleeping:
    """Outbids all others."""

    name = "sleeping"

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        return Bid(score=1000, dtype="float32", reason="it sleeps", batch_tokens=512)

    def load(self, card: ModelCard, bid: Bid) -> Session:
        return SleepingSession(float(os.environ[TOKEN_SECONDS]))


@hookimpl
def register_backends() -> list[Backend]:
    return [Sleeping()]
