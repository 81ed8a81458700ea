"""`make bench`: served speed beside the limit and sentence-transformers, rounds interleaved; start-up."""

import argparse
import json
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from vectord.hardware import detect
from vectord.models.card import read_card
from vectord.models.resolve import DEFAULT_MODEL, Reference, resolve

from .contender import Contender, Server, Worker
from .startup import print_startup
from .workload import mixed_texts, word_count

PORT = 8977
CONFIGURATIONS = (("openvino", "bfloat16"), ("openvino", "float32"), ("onnx", "float32"))


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser("bench", description=__doc__)
    parser.add_argument("--texts", type=int, default=1500)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--only", help="one configuration, as backend:dtype")
    parser.add_argument("--startup", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--json", type=Path, help="write the raw figures here")
    arguments = parser.parse_args()
    results = measure(arguments)
    print(table(results))
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2))
    if arguments.startup:
        print()
        print_startup(arguments.rounds)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Start every contender, interleave the rounds, and collect the figures."""
    place = resolve(Reference.parse(arguments.model))
    texts = mixed_texts(arguments.texts, place.path / "tokenizer.json")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "texts.json"
        file.write_text(json.dumps(texts))
        with contenders(arguments, str(place.path), file) as running:
            rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in running}
            for number in range(arguments.rounds):
                print(f"round {number + 1} of {arguments.rounds}", flush=True)
                for name, contender in running.items():
                    rounds[name].append(contender.round())
            servers = {name: one for name, one in running.items() if isinstance(one, Server)}
            starts = {name: one.start_seconds for name, one in servers.items()}
            resident = {name: one.resident_bytes for name, one in servers.items()}
    weights = read_card("bench", place).weight_bytes
    hardware = detect()
    return {
        "cpu": f"{hardware.cpu}, {hardware.cores} cores",
        "words": word_count(texts),
        "texts": len(texts),
        "connections": arguments.connections,
        "weight_bytes": weights,
        "rounds": rounds,
        "start_seconds": starts,
        "resident_bytes": resident,
    }


@contextmanager
def contenders(arguments: argparse.Namespace, path: str, file: Path) -> Iterator[dict[str, Contender]]:
    """Start every contender; end them all at last."""
    running: dict[str, Contender] = {}
    try:
        for index, (backend, dtype) in enumerate(CONFIGURATIONS):
            if arguments.only in (None, f"{backend}:{dtype}"):
                name = f"{backend} {dtype}"
                flags = [arguments.model, "--backend", backend, "--dtype", dtype]
                running[f"served {name}"] = Server(PORT + index, file, arguments.connections, flags)
                running[f"limit {name}"] = Worker("limit", arguments.model, backend, dtype, str(file))
        running["sentence-transformers"] = Worker("sentence", path, str(file))
        yield running
    finally:
        for contender in running.values():
            contender.close()


def table(results: dict[str, Any]) -> str:
    """Return the figures as Markdown: medians over rounds, ratios taken round by round."""
    rounds, words = results["rounds"], results["words"]
    lines = [
        f"{results['cpu']}; {results['texts']} texts, {results['connections']} connections, medians",
        "",
        "| | words/s | of its limit | x sentence-transformers | p50 ms | p99 ms | start s | resident MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, done in rounds.items():
        limit = rounds.get(name.replace("served", "limit")) if name.startswith("served") else None
        cells = [
            name,
            f"{words / median(done):,.0f}",
            f"{ratio(limit, done):.2f}" if limit else "",
            f"{ratio(rounds['sentence-transformers'], done):.2f}",
            *(f"{1000 * median(done, key):.0f}" if key in done[0] else "" for key in ("p50", "p99")),
            f"{results['start_seconds'][name]:.2f}" if name in results["start_seconds"] else "",
            f"{results['resident_bytes'][name] / 1e6:.0f}" if name in results["resident_bytes"] else "",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    allowed = 2.5 * results["weight_bytes"] / 1e6 + 200
    return "\n".join([*lines, "", f"resident memory allowed: 2.5 x the weights + 200 MB = {allowed:.0f} MB"])


def median(done: list[dict[str, Any]], key: str = "seconds") -> float:
    """Return the median of one figure over the rounds."""
    return float(statistics.median(one[key] for one in done))


def ratio(slower: list[dict[str, Any]], faster: list[dict[str, Any]]) -> float:
    """Return how many times faster the second is, round by round, as the median."""
    return float(statistics.median(a["seconds"] / b["seconds"] for a, b in zip(slower, faster, strict=True)))


main()
