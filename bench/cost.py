"""`python -m bench.cost`: how well seconds are foretold, and which batches are best, on a real backend.

All runners are busy at once, as under load. Batches of random shapes are timed; the cost is fitted to
every second shape as a lane does it, over its latest batches, and asked for the others. Then the same
tokens are run in batches of several sizes, rounds interleaved, beside the size that the rule chooses.
"""

import argparse
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from vectord.core import Batch, Encoding, ModelCard, Session, padded_length
from vectord.load import warm_up
from vectord.models.resolve import PACKAGED
from vectord.scheduler.budget import batch_tokens
from vectord.scheduler.cost import CostModel, Timed

from .limit import drain, open_model

LONGEST = 256
SIZES = (128, 256, 512, 1024)


def batch_of(card: ModelCard, count: int, length: int) -> Batch:
    """Return a batch of inputs of one length."""
    ids = np.full(length, card.pad_id, np.int32)
    return Batch.of([Encoding(ids, np.zeros_like(ids))] * count)


def shapes(chance: np.random.Generator, pad_to: int, most: int) -> Iterator[tuple[int, int]]:
    """Yield shapes as a lane would run them: log-normal lengths, padded, full batches and others."""
    while True:
        length = padded_length(int(np.clip(np.exp(chance.normal(3.8, 0.9)), 4, LONGEST)), pad_to)
        yield int(chance.integers(1, max(2, most // length + 1))), length


def timed(session: Session, card: ModelCard, asked: Sequence[tuple[int, int]], runners: int) -> list[Timed]:
    """Run shapes on all runners at once; return the seconds of each."""

    def run(shape: tuple[int, int]) -> Timed:
        batch = batch_of(card, *shape)
        start = time.perf_counter()
        session.run(batch, [card.head.output])
        return (*shape, time.perf_counter() - start)

    with ThreadPoolExecutor(runners) as pool:
        return list(pool.map(run, asked))


def errors_of(found: Sequence[Timed], warm: Sequence[Timed]) -> list[float]:
    """Return how far seconds were off, as a share, on shapes that were not learnt, once enough were.

    Every second shape is learnt, in the order of the runs. What is asked is the median over a shape's runs:
    a single one of them may have been interrupted.
    """
    model = CostModel(warm)
    known = sorted({one[:2] for one in found})
    learnt = set(known[::2])
    asked: dict[tuple[float, int], list[float]] = {}
    for count, length, seconds in found:
        if (count, length) in learnt:
            model.learn(count, length, seconds)
        else:
            asked.setdefault((count, length), []).append(seconds)
    return [abs(model.seconds(*shape) / statistics.median(took) - 1) for shape, took in asked.items()]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser("bench.cost", description=__doc__)
    parser.add_argument("--model", default=next(iter(PACKAGED)))
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--batches", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    card, choice = open_model(asked.model, asked.backend, asked.dtype)
    session, bid = choice.backend.load(card, choice.bid), choice.bid
    warm = warm_up(session, card, bid)
    source = shapes(np.random.default_rng(0), bid.pad_to, 512)
    found = timed(session, card, [next(source) for _ in range(asked.batches)], bid.runners)
    errors = errors_of(found, warm)
    print(f"{choice.backend.name} {bid.dtype}, {bid.runners} runners at once")
    print(
        f"off on {len(errors)} shapes not fitted: median {statistics.median(errors):.0%}, "
        f"nine in ten within {sorted(errors)[len(errors) * 9 // 10]:.0%}"
    )
    cost = CostModel([*warm, *found]).cost
    print(
        f"a batch costs {1000 * cost.batch:.2f} ms, a token {1e6 * cost.token:.1f} us and "
        f"{1e9 * cost.square:.1f} ns a token of its row; the rule: {batch_tokens(cost, 16_384)} tokens"
    )
    sizes = sorted({*SIZES, batch_tokens(cost, 1024)})
    lengths = sorted(next(source)[1] for _ in range(100))
    rounds = []
    for _ in range(asked.rounds):
        rounds.append(
            {size: drain(session, list(cut(card, lengths, size)), bid.runners)["seconds"] for size in sizes}
        )
    for size in sizes:
        ratio = statistics.median(one[512] / one[size] for one in rounds)
        print(f"batches of {size}: {ratio:.2f} times the speed of 512")


def cut(card: ModelCard, lengths: Sequence[int], most: int) -> Iterator[Batch]:
    """Yield inputs of like lengths in batches of so many tokens, all padded to the longest."""
    start = 0
    while start < len(lengths):
        end = start + 1
        while end < len(lengths) and lengths[end] * (end + 1 - start) <= most:
            end += 1
        yield batch_of(card, end - start, lengths[end - 1])
        start = end


if __name__ == "__main__":
    main()
