"""`python -m bench.shapes`: emitted graphs beside exported ones and torch, shape by shape."""

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from vectord.hardware import detect

from .contender import Worker
from .models import POOLINGS, write_model

# a decoder four times as large gets fewer tokens, so that a run stays within minutes
SHAPES = {
    "bert-base": ((1, 16), (1, 128), (32, 16), (8, 128), (1, 512), (4, 512)),
    "qwen3-0.5b": ((1, 16), (1, 128), (16, 16), (4, 64), (1, 512)),
}
Shapes = tuple[tuple[int, int], ...]
RUNTIMES = (("onnx", "float32"), ("openvino", "float32"), ("openvino", "bfloat16"))
SPINNING = 0.3  # seconds
Seconds = dict[tuple[int, int], list[float]]


def main() -> None:
    """Measure and print Markdown tables."""
    parser = argparse.ArgumentParser("bench.shapes", description=__doc__)
    parser.add_argument("--model", choices=tuple(POOLINGS), action="append")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    hardware = detect()
    print(
        f"{hardware.cpu}, {hardware.cores} cores; tokens/s, medians of {arguments.rounds} rounds", flush=True
    )
    for model in arguments.model or POOLINGS:
        with tempfile.TemporaryDirectory() as folder:
            path = write_model(model, Path(folder))
            print(f"\n{model}\n\n{heading(SHAPES[model])}", flush=True)
            for runtime, dtype in RUNTIMES:
                print_runtime(path, SHAPES[model], (runtime, dtype), arguments.rounds)


def print_runtime(path: Path, shapes: Shapes, runtime: tuple[str, str], rounds: int) -> None:
    """Measure one runtime and precision: emitted, exported and torch side by side."""
    commands = {
        "emitted": ("emitted", *runtime),
        "exported": ("exported", *runtime),
        "torch": ("torch",),
    }
    running = {name: Worker("shape", str(path), *command) for name, command in commands.items()}
    try:
        found = measure(running, shapes, rounds)
    finally:
        for worker in running.values():
            worker.close()
    name = " ".join(runtime)
    print(row(f"{name}, emitted", (speed(shape, found["emitted"]) for shape in shapes)))
    for other in ("exported", "torch"):
        ratios = (f"{ratio(found[other][shape], found['emitted'][shape]):.2f}" for shape in shapes)
        print(row(f"{name}: times {other}", ratios), flush=True)


def measure(running: dict[str, Worker], shapes: Shapes, rounds: int) -> dict[str, Seconds]:
    """Return the seconds of every contender and shape, round by round; the first one is not counted.

    Each round begins with another contender, after a pause: OpenMP's threads spin on for 0.2 s after
    torch has answered, and take a core from whoever is next.
    """
    found: dict[str, Seconds] = {name: {shape: [] for shape in shapes} for name in running}
    for number in range(rounds + 1):
        first = number % len(running)
        turns = [*running.items()][first:] + [*running.items()][:first]
        for shape in shapes:
            for name, worker in turns:
                time.sleep(SPINNING)
                seconds = worker.round(f"{shape[0]} {shape[1]}")["seconds"]
                if number:
                    found[name][shape].append(seconds)
    return found


def heading(shapes: Shapes) -> str:
    """Return the first two lines of a table."""
    names = [f"{count} x {length}" for count, length in shapes]
    return f"{row('', names)}\n{row('---', ['---'] * len(names))}"


def row(name: str, cells: Iterable[str]) -> str:
    """Return one line of a table."""
    return "| " + " | ".join([name, *cells]) + " |"


def speed(shape: tuple[int, int], seconds: Seconds) -> str:
    """Return tokens per second."""
    return f"{shape[0] * shape[1] / statistics.median(seconds[shape]):,.0f}"


def ratio(slower: list[float], faster: list[float]) -> float:
    """Return how many times faster the second is, round by round, as the median."""
    return statistics.median(a / b for a, b in zip(slower, faster, strict=True))


if __name__ == "__main__":
    main()
