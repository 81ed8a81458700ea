"""`python -m bench.startup`: from starting a process to a model that is ready, and the memory it takes."""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vectord.hardware import detect
from vectord.models.card import read_card
from vectord.models.resolve import Reference, resolve

from .contender import ENVIRONMENT
from .models import write_model

FLOATS = (("onnx", "float32"), ("openvino", "float32"), ("openvino", "bfloat16"))
# by how the checkpoint holds its weights
RUNS = {"float32": (*FLOATS, ("onnx", "int8"), ("openvino", "int8")), "bfloat16": FLOATS}
COLD, WARM = 3.0, 1.5  # seconds to ready: graph emitted, and taken from the cache
HEAD = ("weights stored in", "run by", "cold s", "of CPU", "warm s", "of CPU", "peak MB", "allowed MB")


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser("bench.startup", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    print_startup(parser.parse_args().rounds)


def print_startup(rounds: int) -> None:
    """Print the table of BERT-base; of each figure the least of the rounds, but of memory the most."""
    hardware = detect()
    print(f"{hardware.cpu}, {hardware.cores} cores; BERT-base, random weights, {rounds} rounds\n")
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}")
    with tempfile.TemporaryDirectory() as folder:
        for stored, runs in RUNS.items():
            path = write_model("bert-base", Path(folder), stored)
            for backend, dtype in runs:
                line = " | ".join((stored, f"{backend} {dtype}", *figures(path, backend, dtype, rounds)))
                print(f"| {line} |", flush=True)
            shutil.rmtree(path)
    print(f"\nallowed: {COLD:g} s cold, {WARM:g} s warm; a cold start in int8 compares with float32")


def figures(path: Path, backend: str, dtype: str, rounds: int) -> Iterator[str]:
    """Yield one line's figures."""
    with tempfile.TemporaryDirectory() as folder:
        # the comparison of int8 takes most of a minute: once will do
        caches = [f"{folder}/{number}" for number in range(1 if dtype == "int8" else rounds)]
        cold = [start(path, backend, dtype, cache) for cache in caches]
        warm = [start(path, backend, dtype, caches[-1]) for _ in range(rounds)]
    for starts in (cold, warm):
        yield f"{min(one['seconds'] for one in starts):.2f}"
        yield f"{min(one['cpu_seconds'] for one in starts):.2f}"
    yield f"{max(one['peak_bytes'] for one in (*cold, *warm)) / 1e6:.0f}"
    weights = read_card("bench", resolve(Reference.parse(str(path)))).weight_bytes
    yield f"{2 * weights / 1e6 + 300:.0f}"


def start(path: Path, backend: str, dtype: str, cache: str) -> dict[str, Any]:
    """Start one process and wait until it is ready."""
    command = [sys.executable, "-m", "bench.ready", str(path), backend, dtype, cache]
    begin = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        seconds = time.perf_counter() - begin
    if not line:
        raise RuntimeError(f"{backend} {dtype} did not start")
    return {**json.loads(line), "seconds": seconds}


if __name__ == "__main__":
    main()
