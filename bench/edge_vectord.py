"""vectord with a tokenizer and a model that cost nothing, a process of its own: what is left is the edge."""

import sys
from collections.abc import Collection, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from vectord.api import Drain, Metrics, bind, create_app, serve
from vectord.cli import run_loop, set_up_threads, spare_the_collector
from vectord.config import Settings
from vectord.core import Arch, Arrays, Batch, Bid, Embedding, Encoding, Head, ModelCard, Output
from vectord.logs import set_up_logs
from vectord.memory import keep_memory
from vectord.scheduler import CoreBudget, Engine, Finished, Limits, Loaded, Policy, Replica, Served

from .edge_rows import WIDTH, unit_rows

MOST_INPUTS = 256
TOKENS = 8  # of every text
DISTINCT = 10_000


class Stub:
    """A tokenizer that has tokens ready, and a session that has its rows ready.

    No two texts that wait at the same time get the same tokens: the lane would run them once.
    """

    def __init__(self) -> None:
        types = np.zeros(TOKENS, np.int32)
        self.encodings = cycle([Encoding(np.full(TOKENS, id, np.int32), types) for id in range(DISTINCT)])
        self.rows: NDArray[np.float32] = unit_rows(MOST_INPUTS)

    def encode(self, texts: Sequence[str], max_length: int, side: object = None) -> list[Encoding]:
        return list(islice(self.encodings, len(texts)))

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        return {"embedding": self.rows[: len(batch)]}

    def close(self) -> None:
        del self.rows


def card() -> ModelCard:
    """Return what there is to know of the stub."""
    return ModelCard(
        name="stub",
        source="stub",
        path=Path("nowhere"),
        revision=None,
        fingerprint="0",
        family="stub",
        network=Arch(WIDTH, Embedding(1000), (), None, 512),
        heads=(Head("embedding", "mean"),),
        tasks=("embed",),
        normalize=True,
        prompts={},
        default_prompt=None,
        max_length=512,
        pad_id=0,
        labels=(),
        tensors={},
    )


def engine(metrics: Metrics) -> Engine:
    """Return an engine that serves the stub."""

    def observe(done: Finished) -> None:
        metrics.batches.finished(done.model, done.tokens, done.padded_tokens, done.seconds)

    stub, bid = Stub(), Bid(1, "float32", "a stub")
    loaded = Loaded(card(), cast(Any, stub), "stub", bid, [Replica(cast(Any, stub), bid)])
    limits = Limits(MOST_INPUTS * TOKENS, 500_000)
    return Engine([Served.start(loaded, limits, CoreBudget(2), observe)], Policy())


def main() -> None:
    """Serve on the given port, with further settings by name."""
    settings = Settings(port=int(sys.argv[1]), log_level="warning")
    set_up_logs(settings.log_format, settings.log_level)
    set_up_threads(settings)
    keep_memory()
    metrics, drain = Metrics(), Drain()
    served = engine(metrics)
    app = create_app(served, settings, metrics, drain)
    spare_the_collector()
    run_loop(serve(app, bind(settings.host, settings.port), settings, drain))
    served.close()


if __name__ == "__main__":
    main()
