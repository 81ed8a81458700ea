"""`python -m bench.replicas`: one session or several, and how many runners of how many threads.

Each form is a process of its own that holds the same model and runs the same batches of mixed lengths; they
take turns, so that a noisy machine hurts all alike. Ratios are taken round by round; those of CPU time hold
on a busy machine too, but do not see cores that stand idle.
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from vectord.hardware import detect
from vectord.models.resolve import DEFAULT_MODEL

from .contender import Worker
from .models import POOLINGS, write_model

RUNTIMES = (("onnx", "float32"), ("openvino", "float32"), ("openvino", "bfloat16"))
Form = tuple[int, int, int]  # sessions, runners of all of them, threads of each runner


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser("bench.replicas", description=__doc__)
    parser.add_argument("--model", default="default", choices=("default", *POOLINGS))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", help="one runtime, as backend:dtype")
    parser.add_argument("--inputs", type=int, default=120)
    asked = parser.parse_args()
    cores = detect().cores
    print(row("", map(named, forms(cores))))
    print("|---" * (1 + len(forms(cores))) + "|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = DEFAULT_MODEL if asked.model == "default" else str(write_model(asked.model, Path(folder)))
        for backend, dtype in RUNTIMES:
            if asked.only in (None, f"{backend}:{dtype}"):
                found = measured((path, backend, dtype), asked.inputs, asked.rounds)
                for line in rows(f"{asked.model}, {backend} {dtype}", found):
                    print(line, flush=True)


def forms(cores: int) -> list[Form]:
    """Return what is compared; the first is what the others are set beside."""
    return [(1, cores, 1), (cores, cores, 1), (1, 1, cores), (1, cores, cores)]


def named(form: Form) -> str:
    """Return a form's name."""
    sessions, runners, threads = form
    return f"{sessions} session{'s' * (sessions > 1)}, {runners} x {threads}"


def measured(how: tuple[str, str, str], inputs: int, rounds: int) -> dict[Form, list[dict[str, Any]]]:
    """Return the rounds of each form, with what it said when it was ready at the front."""
    with ExitStack() as stack:
        workers = {
            form: stack.enter_context(closing(Worker("replica", *how, *map(str, form), str(inputs))))
            for form in forms(detect().cores)
        }
        found = {form: [worker.ready] for form, worker in workers.items()}
        for number in range(rounds):
            for form in sorted(workers, reverse=bool(number % 2)):
                found[form].append(workers[form].round())
    return found


def rows(name: str, found: dict[Form, list[dict[str, Any]]]) -> Iterator[str]:
    """Yield how many times the first form's speed each has, with the middle half of the rounds.

    Then the same of CPU time, and memory and the seconds of loading.
    """
    rounds = {form: done[1:] for form, done in found.items()}
    first = next(iter(rounds.values()))
    paces = (tokens_per_second(done) for done in found.values())
    spreads = (spread(first, done, "seconds") for done in rounds.values())
    yield row(name, map(", ".join, zip(spreads, paces, strict=True)))
    yield row("by CPU time", (spread(first, done, "cpu") for done in rounds.values()))
    held = (
        f"{done[-1]['resident'] / 1e6:.0f} MB, {found[form][0]['load']:.2f} s"
        for form, done in rounds.items()
    )
    yield row("memory, loading", held)


def row(name: str, cells: Iterable[str]) -> str:
    """Return a row of the table."""
    return f"| {name} | {' | '.join(cells)} |"


def tokens_per_second(done: list[dict[str, Any]]) -> str:
    """Return the median over the rounds, which follow what was said at the front."""
    ready, *rounds = done
    return f"{ready['tokens'] / statistics.median(one['seconds'] for one in rounds):,.0f}"


def spread(first: list[dict[str, Any]], done: list[dict[str, Any]], key: str) -> str:
    """Return the median ratio of the rounds, and the quarters on both sides of it."""
    ratios = sorted(a[key] / b[key] for a, b in zip(first, done, strict=True))
    quarter = len(ratios) // 4
    return f"{statistics.median(ratios):.2f} ({ratios[quarter]:.2f} to {ratios[-1 - quarter]:.2f})"


if __name__ == "__main__":
    main()
