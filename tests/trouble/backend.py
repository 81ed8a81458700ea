"""A backend that makes trouble on demand, a plugin of a real server: it obeys a text's first word.

Its embeddings are made of the ids alone. Words of all-MiniLM-L6-v2's vocabulary stand for each trouble.
"""

import ctypes
import os
import time
from collections.abc import Collection

import numpy as np

from vectord.core import (
    Arrays,
    Backend,
    Batch,
    Bid,
    DeviceLost,
    Hardware,
    ModelCard,
    Options,
    OutOfMemory,
    Output,
    Refusal,
    Session,
)
from vectord.plugins import hookimpl

HANG, CRASH, RAISE, NAN, SLOW, LOST = 6865, 5823, 5333, 16660, 4030, 2439
WORDS = {HANG: "hang", CRASH: "crash", RAISE: "raise", NAN: "nan", SLOW: "slow", LOST: "lost"}
MEMORY = int(os.environ.get("TROUBLE_MEMORY", "1000000"))  # tokens that fit in it
ONCE = "TROUBLE_ONCE" in os.environ  # a session that is lost cannot be had again
WIDTH = 384
FIRST_WORD = 1  # behind [CLS]


class TroubleSession:
    """Sleeps 10 ms a batch, and a second at a slow one; once lost it stays so."""

    def __init__(self) -> None:
        self.lost = False

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        inputs = [
            batch.token_ids[start:end] for start, end in zip(batch.bounds, batch.bounds[1:], strict=False)
        ]
        firsts = {int(ids[FIRST_WORD]) for ids in inputs if len(ids) > FIRST_WORD}
        if HANG in firsts:
            ctypes.CDLL(None).sleep(600)
        if CRASH in firsts:
            ctypes.string_at(0)
        self.lost = self.lost or LOST in firsts
        if self.lost:
            raise DeviceLost("unspecified launch failure")
        if batch.tokens > MEMORY:
            raise OutOfMemory(f"tried to allocate {batch.tokens} tokens")
        if RAISE in firsts:
            raise RuntimeError("trouble")
        time.sleep(1.0 if SLOW in firsts else 0.01)
        rows = np.stack([np.cos(np.arange(WIDTH) * float(ids.sum() % 997)) for ids in inputs]).astype(
            np.float32
        )
        rows[[len(ids) > FIRST_WORD and ids[FIRST_WORD] == NAN for ids in inputs]] = np.nan
        return dict.fromkeys(outputs, rows)

    def close(self) -> None:
        """Nothing is held."""


class Trouble:
    """Outbids all others."""

    name = "trouble"

    def __init__(self) -> None:
        self.sessions: list[TroubleSession] = []

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        return Bid(score=1000, dtype="float32", reason="it makes trouble", batch_tokens=64)

    def load(self, card: ModelCard, bid: Bid) -> Session:
        if ONCE and any(session.lost for session in self.sessions):
            raise RuntimeError("no device")
        self.sessions.append(TroubleSession())
        return self.sessions[-1]


@hookimpl
def register_backends() -> list[Backend]:
    return [Trouble()]
