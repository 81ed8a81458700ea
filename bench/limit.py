"""The limit, a process of its own: the same texts straight through the backend, perfectly packed.

No HTTP, no queue: tokenised before the clock starts, cut at the model's own maximum length, sorted by
length, cut into batches at the least cost, and drained by as many threads as the backend has runners.
One by one, it is the bare backend's time for a text.
"""

import sys
import time
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from vectord.backends.choice import Choice, choose, offers
from vectord.bench.summary import percentiles
from vectord.core import Batch, Bid, Encoding, ModelCard, Options, Session
from vectord.hardware import detect
from vectord.models.card import read_card
from vectord.models.resolve import Reference, resolve
from vectord.models.tokenizer import load_tokenizer
from vectord.plugins import backends, load_plugins
from vectord.scheduler.packer import cheapest_cuts

from .order import Orders, answer


def perfect_batches(encodings: list[Encoding], bid: Bid) -> list[Batch]:
    """Return all encodings in batches of like lengths, longest first."""
    ordered = sorted(encodings, key=len, reverse=True)
    cuts = cheapest_cuts([len(one) for one in ordered], bid.batch_tokens, bid.padding)
    batches, start = [], 0
    while start < len(ordered):
        batches.append(Batch.of(ordered[start : cuts[start]]))
        start = cuts[start]
    return batches


def drain(session: Session, batches: list[Batch], runners: int) -> dict[str, Any]:
    """Run all batches on as many threads as there are runners; return the seconds, and of CPU."""
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
    cpu, start = time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"seconds": time.perf_counter() - start, "server_cpu": time.process_time() - cpu}


def one_by_one(session: Session, batches: list[Batch]) -> dict[str, Any]:
    """Run batches of one text in turn; return the seconds, and the percentiles of each run."""
    latency, cpu, start = list[float](), time.process_time(), time.perf_counter()
    for batch in batches:
        begin = time.perf_counter()
        session.run(batch, ["embedding"])
        latency.append(time.perf_counter() - begin)
    seconds, busy = time.perf_counter() - start, time.process_time() - cpu
    return {"seconds": seconds, "server_cpu": busy, "latency": percentiles(latency)}


def open_model(model: str, backend: str, dtype: str) -> tuple[ModelCard, Choice]:
    """Return a model's card and the backend that runs it."""
    hardware = detect()
    card = read_card("bench", resolve(Reference.parse(model)))
    options = Options(dtype, hardware.cores)  # type: ignore[arg-type]  # checked by the backend
    return card, choose(offers(backends(load_plugins()), card, hardware, options), backend)


def token_seconds(session: Session, choice: Choice, batches: list[Batch]) -> float:
    """Return the seconds of a runner for each token, from batches of equal lengths."""
    tokens = sum(batch.tokens for batch in batches)
    return float(drain(session, batches, choice.bid.runners)["seconds"] * choice.bid.runners / tokens)


def main() -> None:
    """Answer each order with the figures of one run."""
    card, choice = open_model(*sys.argv[1:4])
    session, bid = choice.backend.load(card, choice.bid), choice.bid
    tokenizer = load_tokenizer(card.path, card.network.vocab_size)

    def encodings(texts: list[str]) -> list[Encoding]:
        return tokenizer.encode(texts, card.max_length)

    def encode(texts: list[str]) -> list[Any]:
        return [session.run(Batch.of([one]), ["embedding"])["embedding"][0] for one in encodings(texts)]

    sample = perfect_batches(encodings(["a few words to warm up " * 8] * 64), bid)
    drain(session, sample, bid.runners)
    orders = Orders(encodings, encode)
    answer({"ready": True, "token_seconds": token_seconds(session, choice, sample)})
    for order, _, found, vectors in orders:
        if order["one_by_one"]:
            figures = one_by_one(session, [Batch.of([one]) for one in found])
        else:
            figures = drain(session, perfect_batches(found, bid), bid.runners)
        answer({**figures, "vectors": vectors})


if __name__ == "__main__":
    main()
