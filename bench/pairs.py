"""`python -m bench.pairs MODEL RUNTIME DTYPE`: emitted and exported graph in one process, turn by turn.

Where `bench.shapes` has processes that take the cores from each other, here both are warm: what is left is
the graph. Each run counts after one of the same shape that does not.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from vectord.hardware import detect

from .models import POOLINGS, write_model
from .shape import HINTS, Run, emitted, exported
from .shapes import heading, ratio, row

SHAPES = ((1, 16), (1, 128), (4, 64), (1, 512))


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser("bench.pairs", description=__doc__)
    parser.add_argument("model", choices=tuple(POOLINGS))
    parser.add_argument("runtime", choices=("onnx", "openvino"))
    parser.add_argument("dtype", choices=tuple(HINTS))
    parser.add_argument("--rounds", type=int, default=8)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = str(write_model(asked.model, Path(folder)))
        threads = detect().cores
        runs = {
            make.__name__: make(path, asked.runtime, asked.dtype, threads) for make in (exported, emitted)
        }
        found = [(timed(runs, shape, asked.rounds)) for shape in SHAPES]
    print(heading(SHAPES))
    for name in runs:
        print(row(f"{name}, ms", (f"{1000 * statistics.median(one[name]):.1f}" for one in found)))
    print(row("times exported", (f"{ratio(one['exported'], one['emitted']):.2f}" for one in found)))


def timed(runs: dict[str, Run], shape: tuple[int, int], rounds: int) -> dict[str, list[float]]:
    """Return the seconds of both, round by round, each beginning every other round."""
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(rounds):
        for name in sorted(runs, reverse=bool(number % 2)):
            runs[name](*shape)
            start = time.perf_counter()
            runs[name](*shape)
            seconds[name].append(time.perf_counter() - start)
    return seconds


if __name__ == "__main__":
    main()
