"""`python -m bench.replicas`: one session or several, and how many runners of how many threads.

Each form is a process of its own that holds the same model and runs the same batches of mixed lengths; they
take turns, so that a noisy machine hurts all alike. Ratios are taken round by round.
"""

import argparse
import statistics
import tempfile
from collections.abc import Iterator
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
    asked = parser.parse_args()
    cores = detect().cores
    print("| | " + " | ".join(map(named, forms(cores))) + " |")
    print("|---" * (1 + len(forms(cores))) + "|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        path = DEFAULT_MODEL if asked.model == "default" else str(write_model(asked.model, Path(folder)))
        for backend, dtype in RUNTIMES:
            if asked.only in (None, f"{backend}:{dtype}"):
                for row in rows(
                    f"{asked.model}, {backend} {dtype}", measured(path, backend, dtype, asked.rounds)
                ):
                    print(row, flush=True)


def forms(cores: int) -> list[Form]:
    """Return what is compared; the first is what the others are set beside."""
    return [(1, cores, 1), (cores, cores, 1), (1, 1, cores), (1, cores, cores)]


def named(form: Form) -> str:
    """Return a form's name."""
    sessions, runners, threads = form
    return f"{sessions} session{'s' * (sessions > 1)}, {runners} x {threads}"


def measured(model: str, backend: str, dtype: str, rounds: int) -> dict[Form, list[dict[str, Any]]]:
    """Return the rounds of each form, with what it said when it was ready at the front."""
    with ExitStack() as stack:
        workers = {
            form: stack.enter_context(closing(Worker("replica", model, backend, dtype, *map(str, form))))
            for form in forms(detect().cores)
        }
        found = {form: [worker.ready] for form, worker in workers.items()}
        for number in range(rounds):
            for form in sorted(workers, reverse=bool(number % 2)):
                found[form].append(workers[form].round())
    return found


def rows(name: str, found: dict[Form, list[dict[str, Any]]]) -> Iterator[str]:
    """Yield tokens per second and their ratios with the spread, then memory and the seconds of loading."""
    rounds = {form: done[1:] for form, done in found.items()}
    first = next(iter(rounds.values()))
    speeds, memory = [], []
    for form, done in rounds.items():
        ratios = sorted(a["seconds"] / b["seconds"] for a, b in zip(first, done, strict=True))
        tokens = found[form][0]["tokens"] / statistics.median(one["seconds"] for one in done)
        low, high = ratios[len(ratios) // 4], ratios[-1 - len(ratios) // 4]
        speeds.append(f"{statistics.median(ratios):.2f} ({low:.2f} to {high:.2f}), {tokens:,.0f}")
        memory.append(f"{done[-1]['resident'] / 1e6:.0f} MB, {found[form][0]['load']:.2f} s")
    yield f"| {name} | " + " | ".join(speeds) + " |"
    yield "| memory, loading | " + " | ".join(memory) + " |"


if __name__ == "__main__":
    main()
