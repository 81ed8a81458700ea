"""A model as so many sessions, runners and threads: a process that runs the same batches when it is told to.

`python -m bench.replica MODEL BACKEND DTYPE SESSIONS RUNNERS THREADS INPUTS`; the runners are those of all.
Batches come in no order, as they do in a server: each runner takes the next one when it has run its last.
"""

import json
import sys
import time
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Thread

import numpy as np
import psutil

from vectord.core import Batch, Bid, Encoding, ModelCard, Session

from .limit import open_model, perfect_batches

MEDIAN, SPREAD = 60, 0.9  # tokens of the inputs, log-normal: as `vectord.bench.workload` has them in words


def mixed_batches(card: ModelCard, bid: Bid, count: int) -> list[Batch]:
    """Return batches of inputs of mixed lengths, of random tokens, shuffled."""
    random = np.random.default_rng(7)
    lengths = np.exp(random.normal(np.log(MEDIAN), SPREAD, count)).clip(3, card.max_length).astype(int)
    rows = [random.integers(0, card.network.vocab_size, length, np.int32) for length in lengths]
    batches = perfect_batches([Encoding(row, np.zeros_like(row)) for row in rows], bid)
    return [batches[index] for index in random.permutation(len(batches))]


def drain(sessions: list[Session], batches: list[Batch], runners: int) -> float:
    """Run all batches, the runners spread over the sessions; return the seconds."""
    waiting: SimpleQueue[Batch] = SimpleQueue()
    for batch in batches:
        waiting.put(batch)

    def work(session: Session) -> None:
        while True:
            try:
                session.run(waiting.get_nowait(), ["embedding"])
            except Empty:
                return

    threads = [Thread(target=work, args=[sessions[index % len(sessions)]]) for index in range(runners)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def main() -> None:
    """Answer each line of input with the seconds of one run, those of the CPU, and the resident bytes."""
    model, backend, dtype, *numbers = sys.argv[1:]
    count, runners, threads, inputs = map(int, numbers)
    card, choice = open_model(model, backend, dtype)
    bid = replace(choice.bid, runners=runners // count, threads=threads)
    start = time.perf_counter()
    sessions = [choice.backend.load(card, bid) for _ in range(count)]
    loaded = time.perf_counter() - start
    batches = mixed_batches(card, bid, inputs)
    drain(sessions, batches, runners)
    tokens = sum(batch.tokens for batch in batches)
    print(json.dumps({"ready": True, "load": loaded, "tokens": tokens}), flush=True)
    for _ in sys.stdin:
        cpu = time.process_time()
        seconds = drain(sessions, batches, runners)
        done = {"seconds": seconds, "cpu": time.process_time() - cpu}
        print(json.dumps({**done, "resident": psutil.Process().memory_info().rss}), flush=True)


if __name__ == "__main__":
    main()
