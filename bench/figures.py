"""The figures that must be shown: what the cores could do, and how near the server comes to it.

m: core-seconds of a text at the limit, its wall time on all cores. e: CPU seconds of a text in a server
whose model sleeps (bench/edge_model.py): HTTP, JSON, tokenising, packing, handing out. c: CPU seconds of
a text in the load client, which shares the cores. Were nothing lost, cores / (m + e + c) texts a second
would be served. Ratios are taken round by round; medians, least and most over the rounds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from vectord.bench.report import line, rate
from vectord.bench.rounds import Results
from vectord.bench.summary import Spread, ratio

from .field import DEFAULTS, EDGE, ENCODE

Runs = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its target: at least, or at most where `below`. `digits` and `factor` are for show."""

    name: str
    spread: Spread
    target: float | None = None
    below: bool = False
    digits: int = 2
    factor: float = 1.0

    @property
    def verdict(self) -> str:
        """Whether the median meets the target."""
        if self.target is None:
            return ""
        met = self.spread.median <= self.target if self.below else self.spread.median >= self.target
        return "met" if met else "missed"

    def cells(self) -> tuple[str, ...]:
        """Return a row of the table."""
        sign = "≤" if self.below else "≥"
        wanted = "" if self.target is None else f"{sign} {self.factor * self.target:g}"
        return self.name, self.spread.show(self.digits, self.factor), wanted, self.verdict


@dataclass(frozen=True, slots=True)
class Shown:
    """Where figures come from: the results, the limit of vectord's defaults, and the cores."""

    results: Results
    limit: str
    cores: int
    connections: int

    def runs(self, workload: str, name: str, connections: int | None = None) -> Runs:
        """Return a contender's rounds."""
        return self.results.of(workload, connections or self.connections, name)

    def fastest(self, workload: str, ending: str) -> str | None:
        """Return the vectord of some precision that had the most words per second."""
        names = {run["contender"] for run in self.results.runs if run["workload"] == workload}
        found = [
            name
            for name in sorted(names)
            if name.startswith("vectord ") and name.endswith(ending) and self.runs(workload, name)
        ]
        return max(found, key=lambda name: speed(self.runs(workload, name)).median, default=None)


def speed(runs: Runs) -> Spread:
    """Return the words per second."""
    return Spread.of([rate(run) for run in runs])


def each(runs: Runs, key: str) -> list[float]:
    """Return a figure for each text, round by round."""
    return [run[key] / run["texts"] for run in runs]


def times(one: Runs, other: Runs) -> Spread:
    """Return how many times as many words per second the first has."""
    return ratio([rate(run) for run in one], [rate(run) for run in other])


def figures(shown: Shown) -> list[Figure]:
    """Return all that the measured rounds give."""
    found = [*parts(shown, "mixed"), *parts(shown, "short"), *idle(shown)]
    found += against(shown, "mixed", DEFAULTS, (0.90, 10.0, 3.5))
    single = shown.fastest("mixed", "float32")
    if single is not None:
        found += against(shown, "mixed", single, (None, 6.0, 2.0))
    return found


def parts(shown: Shown, workload: str) -> Iterator[Figure]:
    """Yield m, e and c, and the speed as a share of what they allow."""
    served, limit, edge = (shown.runs(workload, name) for name in (DEFAULTS, shown.limit, EDGE))
    if not (served and limit and edge):
        return
    m = [shown.cores * seconds for seconds in each(limit, "seconds")]
    e, c = each(edge, "server_cpu"), each(served, "client_cpu")
    told = f"{workload}, {shown.connections} connections: "
    for name, costs in ((f"m, {shown.limit}", m), ("e, edge and tokenising", e), ("c, load client", c)):
        yield Figure(f"{told}{name}, core ms a text", Spread.of(costs), digits=3, factor=1000)
    allowed = [shown.cores / sum(costs) for costs in zip(m, e, c, strict=True)]
    yield Figure(f"{told}cores / (m + e + c), texts/s", Spread.of(allowed), digits=1)
    texts = [rate(run, "texts") for run in served]
    yield Figure(f"{told}served, texts/s", Spread.of(texts), digits=1)
    yield Figure(f"{told}served / (cores / (m + e + c))", ratio(texts, allowed), 0.95)
    yield from by_cpu(told, [each(runs, "server_cpu") for runs in (limit, edge, served)], c)


def by_cpu(told: str, costs: Sequence[Sequence[float]], c: Sequence[float]) -> Iterator[Figure]:
    """Yield the same by CPU time alone, which a busy machine hurts less: what is lost but idle cores."""
    model, edge, server = costs
    for name, figures in (("m", model), ("the server", server)):
        spread = Spread.of(figures)
        yield Figure(f"{told}CPU time of {name}, core ms a text", spread, digits=3, factor=1000)
    needed = [sum(parts) for parts in zip(model, edge, c, strict=True)]
    taken = [sum(parts) for parts in zip(server, c, strict=True)]
    yield Figure(f"{told}(m + e + c) / (server + client), by CPU time", ratio(needed, taken))


def against(
    shown: Shown, workload: str, name: str, targets: tuple[float | None, float, float]
) -> Iterator[Figure]:
    """Yield how one vectord compares with its limit, with infinity, and with `encode`."""
    served = shown.runs(workload, name)
    limit = shown.limit if name == DEFAULTS else name.replace("vectord", "limit", 1)
    for other, target in zip((limit, "infinity", ENCODE), targets, strict=True):
        runs = shown.runs(workload, other)
        if served and runs:
            yield Figure(f"{workload}: {name} over {other}", times(served, runs), target)


def idle(shown: Shown) -> Iterator[Figure]:
    """Yield the latency of one short query at an idle server, and of the bare backend."""
    served, bare = (shown.runs("short", name, 1) for name in (DEFAULTS, shown.limit))
    if not (served and bare):
        return
    timed = [[run["latency"]["p50"] for run in runs] for runs in (served, bare)]
    for name, found in zip(("served", "bare backend"), timed, strict=True):
        yield Figure(f"one short query, {name}: p50, ms", Spread.of(found), factor=1000)
    more = [one - other for one, other in zip(*timed, strict=True)]
    yield Figure("one short query, served - bare: p50, ms", Spread.of(more), 0.001, below=True, factor=1000)


def table(found: Sequence[Figure]) -> str:
    """Return them as Markdown."""
    lines = [line(("figure", "median (least-most)", "target", "")), "|---|---:|---:|---|"]
    return "\n".join([*lines, *(line(figure.cells()) for figure in found)])


def content(found: Sequence[Figure]) -> list[dict[str, Any]]:
    """Return them as they stand in the JSON file."""
    return [{**asdict(figure), "verdict": figure.verdict} for figure in found]
