"""What was measured, as a Markdown table: medians over the rounds, least and most beside them."""

from collections.abc import Iterator, Sequence
from typing import Any

from .rounds import ALIKE, Results
from .summary import Spread, ratio

HEAD = ("", "texts/s", "words/s", "times the first", "p50 ms", "p99 ms", "core ms a text", "client", "cosine")


def report(results: Results, told: str) -> str:
    """Return the tables of all workloads, each under its name, then what is wrong and what was skipped."""
    parts = [told, *(section(results, *one) for one in places(results))]
    faults = results.faults()
    parts.append("\n".join(f"- {fault}" for fault in faults) or "No request failed, and all vectors agree.")
    if results.skipped:
        parts.append("\n".join(f"- skipped: {name}: {reason}" for name, reason in results.skipped.items()))
    return "\n\n".join(parts) + "\n"


def places(results: Results) -> list[tuple[str, int]]:
    """Return each workload and number of connections that was measured, in order."""
    return list(dict.fromkeys((run["workload"], run["connections"]) for run in results.runs))


def contenders(results: Results, workload: str, connections: int) -> list[str]:
    """Return who was measured there, in order."""
    here = (run for run in results.runs if (run["workload"], run["connections"]) == (workload, connections))
    return list(dict.fromkeys(run["contender"] for run in here))


def section(results: Results, workload: str, connections: int) -> str:
    """Return one table."""
    names = contenders(results, workload, connections)
    first = results.of(workload, connections, names[0])
    rows = [row(name, results.of(workload, connections, name), first) for name in names]
    rounds = f"{len(first)} rounds" if len(first) > 1 else "1 round"
    title = f"### {workload}, {connections} connection{'s' * (connections > 1)}, {rounds}"
    return "\n".join([title, "", line(HEAD), "|---|" + "---:|" * (len(HEAD) - 1), *map(line, rows)])


def line(cells: Sequence[str]) -> str:
    """Return a line of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def row(name: str, runs: list[dict[str, Any]], first: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the cells of one contender."""
    return (name, *speeds(runs, first), *latencies(runs), *costs(runs), likeness(runs))


def rate(run: dict[str, Any], of: str = "words") -> float:
    """Return words (or texts) answered in a second."""
    return float(run[of] / run["seconds"])


def speeds(runs: list[dict[str, Any]], first: list[dict[str, Any]]) -> Iterator[str]:
    """Yield texts and words per second, and how many times the first contender's words."""
    yield Spread.of([rate(run, "texts") for run in runs]).show(1)
    yield Spread.of([rate(run) for run in runs]).show()
    pairs = zip(runs, first, strict=True)
    sound = [(rate(one), rate(other)) for one, other in pairs if rate(other)]
    yield ratio(*zip(*sound, strict=True)).show(2) if sound else ""


def latencies(runs: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the median and the 99th percentile in milliseconds, where requests were timed."""
    for name in ("p50", "p99"):
        found = [run["latency"][name] for run in runs if run.get("latency")]
        yield Spread.of(found).show(1, 1000) if found else ""


def costs(runs: list[dict[str, Any]]) -> Iterator[str]:
    """Yield core milliseconds of a text in the server and in the load client, where they are known."""
    for name in ("server_cpu", "client_cpu"):
        found = [run[name] / run["texts"] for run in runs if run.get(name) is not None and run["texts"]]
        yield Spread.of(found).show(3, 1000) if found else ""


def likeness(runs: list[dict[str, Any]]) -> str:
    """Return the least cosine with the first contender, marked where it is too small, and failures."""
    found = [run["cosine"] for run in runs if run["cosine"] is not None]
    failed = sum(sum(run["failed"].values()) for run in runs)
    parts = [f"{failed} FAILED"] if failed else []
    if found:
        parts.append(f"{min(found):.5f}" + ("" if min(found) >= ALIKE else " DIFFERS"))
    return ", ".join(parts)
