"""`vectord bench`: from its flags to its files."""

import argparse
import json
import platform
import shlex
import sys
import time
import urllib.request
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import SettingError
from ..hardware import detect
from ..models.resolve import DEFAULT_MODEL, Reference, resolve
from .contender import Contender, Driven, Work
from .plots import plot
from .process import Process, end_on_sigterm
from .report import report
from .rounds import Results, measure, steps
from .target import Target
from .words import built_in, vocabulary
from .workload import WORKLOADS, Workload, calls_of


def run(parsed: argparse.Namespace) -> int:
    """Measure, print and write; return 1 where requests failed or vectors differ. Raises `StartError`."""
    end_on_sigterm()
    model = parsed.model or (None if parsed.url else DEFAULT_MODEL)
    targets = [Target.parse(text, parsed.api_key) for text in parsed.url]
    ways = [shlex.split(flags) for flags in parsed.serve or [""]] if model is not None else []
    check_distinct([*map(name_of, ways), *(target.name for target in targets)])
    words = words_of(model)
    works = [
        work
        for name in parsed.workload or ["mixed"]
        for work in works_of(WORKLOADS[name], words, parsed.texts, parsed.concurrency, parsed.seconds)
    ]
    out = folder(parsed.out)
    with ExitStack() as stack:
        started = [start(stack, str(model), flags) for flags in ways]
        driven = [Driven(target.name, with_model(target)) for target in targets]
        results = followed([*started, *driven], works, parsed.rounds)
    return written(results, out, machine() | {"model": model})


def words_of(model: str | None) -> list[str]:
    """Return the words of a model, or built-in ones. Raises `CheckpointError`."""
    if model is None:
        return built_in()
    file = resolve(Reference.parse(model)).path / "tokenizer.json"
    return vocabulary(file) if file.exists() else built_in()


def works_of(
    workload: Workload, words: Sequence[str], texts: int, connections: Sequence[int], seconds: float | None
) -> list[Work]:
    """Return a workload at each number of connections that it takes; the same calls on all."""
    most = max(connections)
    taken = dict.fromkeys(workload.burst or min(one, workload.connections) for one in connections)
    calls = calls_of(workload, words, texts, min(most, workload.connections))
    return [Work(workload, calls, one, seconds) for one in taken]


def folder(path: Path) -> Path:
    """Make the folder for the files, before anything takes time. Raises `SettingError`."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"--out {path}: {error.strerror}") from None
    return path


def start(stack: ExitStack, model: str, flags: Sequence[str]) -> Driven:
    """Start `vectord serve`, to be ended with the stack."""
    name = name_of(flags)
    print(f"starting {name}", file=sys.stderr, flush=True)
    process, port = Process.serving(model, flags)
    stack.callback(process.close)
    return Driven(name, Target(name, "http", "127.0.0.1", port), process)


def with_model(target: Target) -> Target:
    """Return the target with the name of its first model, which some servers ask for."""
    if target.dialect == "tei":
        return target
    path = target.path.removesuffix("/embeddings") + "/models"
    request = urllib.request.Request(target.url(path), headers=target.headers())
    with (
        suppress(OSError, ValueError, LookupError, TypeError),
        urllib.request.urlopen(request, timeout=10) as found,
    ):
        return replace(target, model=json.load(found)["data"][0]["id"])
    return target


def name_of(flags: Sequence[str]) -> str:
    """Return how vectord with these flags is called in the figures."""
    return " ".join(("vectord", *flags))


def check_distinct(names: Sequence[str]) -> None:
    """Raise `SettingError` if two have one name."""
    for name in names:
        if names.count(name) > 1:
            raise SettingError(f"two contenders are named {name!r}: give --url a NAME=, --serve other flags")


def followed(contenders: Sequence[Contender], works: Sequence[Work], rounds: int) -> Results:
    """Measure, with progress on standard error."""
    from tqdm import tqdm

    with tqdm(total=steps(contenders, works, rounds), file=sys.stderr, unit="round", leave=False) as bar:

        def tell(step: str) -> None:
            bar.set_description(step, refresh=False)
            bar.update()

        return measure(contenders, works, rounds, tell)


def machine() -> dict[str, Any]:
    """Return where and when this runs."""
    hardware = detect()
    return {
        "vectord": __version__,
        "date": time.strftime("%Y-%m-%d %H:%M:%S%z"),
        "cpu": hardware.cpu,
        "cores": hardware.cores,
        "isa": sorted(hardware.isa),
        "python": platform.python_version(),
    }


def written(results: Results, out: Path, told: dict[str, Any], further: dict[str, Any] | None = None) -> int:
    """Write the files, print the table, and return the exit status."""
    content = {**told, **(further or {}), "skipped": results.skipped, "runs": results.runs}
    (out / "results.json").write_text(json.dumps(content, indent=1) + "\n")
    table = report(
        results, f"{told['cpu']}, {told['cores']} cores; {told['date']}; {told['model'] or 'by URL'}"
    )
    (out / "table.md").write_text(table)
    print(table)
    if (reason := plot(results, out)) is not None:
        print(f"no plots: {reason}", file=sys.stderr)
    print(f"written to {out}", file=sys.stderr)
    return 1 if results.faults() else 0
