"""A backend that makes trouble on demand, a plugin of a real server: it obeys a text's first word.

Its embeddings are made of the ids alone. Words of all-MiniLM-L6-v2's vocabulary stand for each trouble.
"""

import ctypes
import time
from collections.abc import Collection

import numpy as np

from vectord.core import Arrays, Backend, Batch, Bid, Hardware, ModelCard, Options, Output, Refusal, Session
from vectord.plugins import hookimpl

HANG, CRASH, RAISE, NAN, SLOW = 6865, 5823, 5333, 16660, 4030
WORDS = {HANG: "hang", CRASH: "crash", RAISE: "raise", NAN: "nan", SLOW: "slow"}
WIDTH = 384
FIRST_WORD = 1  # behind [CLS]


class TroubleSession:
    """Sleeps 10 ms a batch, and a second at a slow one."""

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        inputs = [
            batch.token_ids[start:end] for start, end in zip(batch.bounds, batch.bounds[1:], strict=False)
        ]
        firsts = {int(ids[FIRST_WORD]) for ids in inputs if len(ids) > FIRST_WORD}
        if HANG in firsts:
            ctypes.CDLL(None).sleep(600)
        if CRASH in firsts:
            ctypes.string_at(0)
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

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        return Bid(score=1000, dtype="float32", reason="it makes trouble", batch_tokens=64)

    def load(self, card: ModelCard, bid: Bid) -> Session:
        return TroubleSession()


@hookimpl
def register_backends() -> list[Backend]:
    return [Trouble()]
