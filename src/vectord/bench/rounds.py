"""The course of a benchmark: every contender warmed up, then rounds in turn, one running at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .contender import Contender, Work
from .summary import least_cosine

Tell = Callable[[str], None]
ALIKE = 0.999  # least cosine of vectors of the same text


@dataclass
class Results:
    """One record for each round of each contender, and what was not measured, with its reason."""

    runs: list[dict[str, Any]] = field(default_factory=list)
    skipped: dict[str, str] = field(default_factory=dict)

    def of(self, workload: str, connections: int, contender: str) -> list[dict[str, Any]]:
        """Return the rounds of one contender."""
        wanted = (workload, connections, contender)
        return [run for run in self.runs if (run["workload"], run["connections"], run["contender"]) == wanted]

    def faults(self) -> list[str]:
        """Return in a line each who failed requests, and whose vectors differ."""
        found = []
        for name in dict.fromkeys(run["contender"] for run in self.runs):
            runs = [run for run in self.runs if run["contender"] == name]
            failed: dict[str, int] = {}
            for run in runs:
                for reason, count in run["failed"].items():
                    failed[reason] = failed.get(reason, 0) + count
            if failed:
                told = ", ".join(f"{count} x {reason}" for reason, count in failed.items())
                found.append(f"{name}: requests failed: {told}")
            cosine = min((run["cosine"] for run in runs if run["cosine"] is not None), default=1.0)
            if cosine < ALIKE:
                found.append(f"{name}: other vectors than {runs[0]['first']}, least cosine {cosine:.4f}")
        return found


def measure(contenders: Sequence[Contender], works: Sequence[Work], rounds: int, tell: Tell) -> Results:
    """Run every round through all contenders; `tell` hears before each step what is about to be done."""
    results = Results()
    for contender in contenders:
        pause(contender)
    for work in works:
        able = [one for one in contenders if warmed_up(one, work, results, tell)]
        for number in range(rounds):
            first: dict[str, Any] = {}
            for contender in able:
                tell(f"{work.told}: {contender.name}")
                with alone(contender):
                    done = contender.round(work)
                found = done.pop("vectors")
                first = first or found
                place = {"workload": work.workload.name, "connections": work.connections, "round": number}
                likeness = {"first": able[0].name, "cosine": least_cosine(first, found)}
                results.runs.append({"contender": contender.name, **place, **done, **likeness})
    return results


def warmed_up(contender: Contender, work: Work, results: Results, tell: Tell) -> bool:
    """Let a contender do the beginning of some work; return False, and note why, if it cannot do it."""
    tell(f"{work.told}: {contender.name}, warming up")
    with alone(contender):
        reason = contender.lacks(work.workload)
        if reason is None:
            contender.round(work.beginning())
            return True
    results.skipped[f"{contender.name} on {work.workload.name}"] = reason
    return False


def steps(contenders: Sequence[Contender], works: Sequence[Work], rounds: int) -> int:
    """Return how many steps `measure` takes at most."""
    return len(contenders) * len(works) * (rounds + 1)


def pause(contender: Contender) -> None:
    """Take a contender from the cores."""
    if contender.process:
        contender.process.pause()


@contextmanager
def alone(contender: Contender) -> Iterator[None]:
    """Let one contender run; all others are paused."""
    if contender.process:
        contender.process.go_on()
    try:
        yield
    finally:
        pause(contender)
