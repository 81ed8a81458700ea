"""What is sent, as data: how long texts are, how many stand in a request, and when requests leave."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEED = 7
PAIRS = 8  # documents of a rerank request


@dataclass(frozen=True, slots=True)
class Lengths:
    """Words of a text, from `least` to `most`: log-normal where a `median` is given, else all alike likely.

    `spread` is the standard deviation of the logarithm.
    """

    least: int
    most: int
    median: int = 0
    spread: float = 0.9

    def draw(self, random: "np.random.Generator", count: int) -> "NDArray[np.int64]":
        """Return as many lengths."""
        import numpy as np

        if not self.median:
            return random.integers(self.least, self.most + 1, count)
        drawn = np.exp(random.normal(np.log(self.median), self.spread, count))
        return drawn.clip(self.least, self.most).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Workload:
    """A kind of traffic.

    Closed loop: each of at most `connections` sends its next request when it has its answer. With a
    `burst`, open loop: so many requests at once, every `period` seconds, whatever was answered.
    `inputs` stand in a request; `pairs` is the share of items that are (query, document) to be ranked;
    `scale` times as many texts as asked make a round, so that short ones take as long.
    """

    name: str
    told: str
    lengths: Lengths
    inputs: int = 1
    connections: int = 1024
    burst: int = 0
    period: float = 0.0
    pairs: float = 0.0
    scale: int = 1


@dataclass(frozen=True, slots=True)
class Call:
    """One request: texts to embed, or to be ranked by a query."""

    texts: tuple[str, ...]
    query: str | None = None

    @property
    def words(self) -> int:
        """Words of all texts, the query once for each document, since the model reads pairs."""
        asked = self.query.count(" ") + 1 if self.query else 0
        return sum(text.count(" ") + 1 + asked for text in self.texts)


QUERIES, MIXED = Lengths(4, 14), Lengths(1, 480, median=45)
WORKLOADS = {
    one.name: one
    for one in (
        Workload("short", "queries of 4 to 14 words, one in a request", QUERIES, scale=4),
        Workload("mixed", "log-normal lengths, median 45 words, up to 480", MIXED),
        Workload("long", "400 words", Lengths(400, 400)),
        Workload("requests-32", "mixed, 32 in a request", MIXED, inputs=32, connections=16),
        Workload("requests-256", "mixed, 256 in a request", MIXED, inputs=256, connections=4),
        Workload("bursts", "mixed, 32 requests at once every second", MIXED, burst=32, period=1.0),
        Workload("rerank", "mixed, 20 % of them pairs to rank, 8 in a request", MIXED, pairs=0.2),
    )
}


def calls_of(workload: Workload, words: Sequence[str], texts: int, connections: int) -> list[Call]:
    """Return the requests of a round, the same for the same arguments.

    At least two for each connection. Words are drawn with frequencies that fall as their ranks grow.
    """
    import numpy as np

    random = np.random.default_rng(SEED)
    count = max(texts * workload.scale, 2 * connections * workload.inputs)
    made = iter(texts_of(workload.lengths, words, count, random))
    queries = iter(texts_of(QUERIES, words, count // PAIRS + 1, random)) if workload.pairs else iter(())
    calls: list[Call] = []
    left = count
    for inputs, ranked in shape(workload):
        if not left:
            return calls
        here = tuple(next(made) for _ in range(min(inputs, left)))
        left -= len(here)
        calls.append(Call(here, next(queries) if ranked else None))
    raise AssertionError("the shape of a workload has no end")


def shape(workload: Workload) -> Iterator[tuple[int, bool]]:
    """Yield, without end, the texts of the next request and whether they are to be ranked."""
    if not workload.pairs:
        while True:
            yield workload.inputs, False
    embedded = round(PAIRS * (1 - workload.pairs) / workload.pairs)
    while True:
        for number in range(embedded):
            if number == embedded // 2:
                yield PAIRS, True
            yield workload.inputs, False


def texts_of(lengths: Lengths, words: Sequence[str], count: int, random: "np.random.Generator") -> list[str]:
    """Return texts of these lengths."""
    drawn = lengths.draw(random, count)
    # a classical law of words: the frequency falls with the rank
    ranks = (random.pareto(1.0, int(drawn.sum())) * 20).astype(int) % len(words)
    picked = iter(ranks.tolist())
    return [" ".join(words[next(picked)] for _ in range(length)) for length in drawn]
