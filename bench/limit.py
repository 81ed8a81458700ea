"""The limit, a process of its own: the same texts straight through the backend, perfectly packed.

No HTTP, no queue: tokenised before the clock starts, sorted by length, cut into batches at the least
cost, and drained by as many threads as the backend has runners. Commands come on standard input.
"""

import json
import sys
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from vectord.backends.choice import Choice, choose, offers
from vectord.core import Batch, Bid, Encoding, ModelCard, Options, Session
from vectord.hardware import detect
from vectord.models.card import read_card
from vectord.models.resolve import Reference, resolve
from vectord.models.tokenizer import load_tokenizer
from vectord.plugins import backends, load_plugins
from vectord.scheduler.packer import cheapest_cuts


def perfect_batches(encodings: list[Encoding], bid: Bid) -> list[Batch]:
    """Return all encodings in batches of like lengths, longest first."""
    ordered = sorted(encodings, key=len, reverse=True)
    cuts = cheapest_cuts([len(one) for one in ordered], bid.batch_tokens, bid.padding)
    batches, start = [], 0
    while start < len(ordered):
        batches.append(Batch.of(ordered[start : cuts[start]]))
        start = cuts[start]
    return batches


def drain(session: Session, batches: list[Batch], runners: int) -> float:
    """Run all batches on as many threads as there are runners; return the seconds."""
    waiting: SimpleQueue[Batch] = SimpleQueue()
    for batch in batches:
        waiting.put(batch)

    def work() -> None:
        while True:
            try:
                session.run(waiting.get_nowait(), ["embedding"])
            except Empty:
                return

    threads = [Thread(target=work) for _ in range(runners)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - start


def open_model(model: str, backend: str, dtype: str) -> tuple[ModelCard, Choice]:
    """Return a model's card and the backend that runs it."""
    hardware = detect()
    card = read_card("bench", resolve(Reference.parse(model)))
    options = Options(dtype, hardware.cores)  # type: ignore[arg-type]  # checked by the backend
    return card, choose(offers(backends(load_plugins()), card, hardware, options), backend)


def main() -> None:
    """Answer each line of input with the seconds of one run."""
    model, backend, dtype, file = sys.argv[1:5]
    texts = json.loads(Path(file).read_text())
    card, choice = open_model(model, backend, dtype)
    session = choice.backend.load(card, choice.bid)
    tokenizer = load_tokenizer(card.path, card.arch.embedding.vocab_size)
    batches = perfect_batches(tokenizer.encode(texts, card.max_length), choice.bid)
    drain(session, batches[:: max(1, len(batches) // 20)], choice.bid.runners)
    print(json.dumps({"ready": True, "tokens": sum(batch.tokens for batch in batches)}), flush=True)
    for _ in sys.stdin:
        print(json.dumps({"seconds": drain(session, batches, choice.bid.runners)}), flush=True)


if __name__ == "__main__":
    main()
