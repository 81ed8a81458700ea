"""`make bench`: vectord beside its limit and its peers, on the same machine and cores, in one run.

Everybody is started, and paused while others are measured. The figures that must be shown come first;
results.json, table.md and plots go to bench/out.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from vectord.bench.contender import Contender, Work
from vectord.bench.process import end_on_sigterm
from vectord.bench.report import report
from vectord.bench.rounds import Results
from vectord.bench.run import followed, machine, words_of, works_of, written
from vectord.bench.workload import WORKLOADS
from vectord.hardware import detect
from vectord.models.resolve import DEFAULT_MODEL

from .field import DEFAULTS, ENCODE, SERVER, Field
from .figures import Shown, content, figures, table

PEERS = (ENCODE, DEFAULTS, SERVER, "fastembed server", "infinity")
WHOLE = ("mixed", "short")  # on which every backend and precision is measured


def main() -> int:
    """Measure, write, and print the figures and the tables."""
    parser = argparse.ArgumentParser("bench", description=__doc__)
    add = parser.add_argument
    add("--model", default=DEFAULT_MODEL)
    add("--workload", action="append", choices=tuple(WORKLOADS), help="Repeatable. Default: all.")
    add("--only", action="append", default=[], metavar="NAME", help="Contenders whose names begin so.")
    add("--brief", action="store_true", help="Of vectord only its defaults, and float32 on their backend.")
    add("--connections", type=int, default=64)
    add("--sweep", default="8", help="Further numbers of connections, for the plots. Default: 8.")
    add("--texts", type=int, default=1000, help="Texts in a round. Default: 1000.")
    add("--seconds", type=float, default=30.0, help="Begin no request of a round later. Default: 30.")
    add("--rounds", type=int, default=3)
    add("--out", type=Path, default=Path("bench/out"))
    parsed = parser.parse_args()
    end_on_sigterm()
    parsed.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        field = Field(parsed.model, parsed.only, stack, scratch, parsed.brief)
        field.start()
        results = Results()
        for contenders, works in plan(parsed, field):
            found = followed(contenders, works, parsed.rounds)
            results.runs += found.runs
            results.skipped |= found.skipped
        return tell(parsed, field, results)


def plan(parsed: argparse.Namespace, field: Field) -> Iterator[tuple[list[Contender], list[Work]]]:
    """Yield who does what: all at full load and one at a time, the main ones the rest."""
    words = words_of(parsed.model)
    main = [one for one in field.contenders if one.name in (*PEERS, field.limit_of(*field.chosen))]
    sweep = [int(part) for part in parsed.sweep.split(",") if part]
    for name in parsed.workload or WORKLOADS:
        workload, level = WORKLOADS[name], parsed.connections

        def works(*levels: int, workload: Any = workload) -> list[Work]:
            return works_of(workload, words, parsed.texts, levels, parsed.seconds)

        everybody = name in WHOLE
        yield (field.contenders if everybody else main), works(level)
        if name == "short":
            yield [one for one in main if one.name != ENCODE], works(1)
        if name == "mixed" and sweep:
            yield (
                [one for one in main if not one.name.startswith("limit") and one.name != ENCODE],
                works(*sweep),
            )


def tell(parsed: argparse.Namespace, field: Field, results: Results) -> int:
    """Write and print; the last line says who was skipped."""
    told = machine() | {"model": parsed.model}
    found = figures(Shown(results, field.limit_of(*field.chosen), detect().cores, parsed.connections))
    results.skipped = {**field.skipped, **results.skipped}
    print(f"vectord's defaults here: {' '.join(field.chosen)}\n\n{table(found)}\n")
    written(results, parsed.out, told, {"figures": content(found), "defaults": field.chosen})
    whole = report(results, f"{told['cpu']}, {told['cores']} cores; {told['date']}; {told['model']}")
    (parsed.out / "table.md").write_text(f"{table(found)}\n\n{whole}")
    skipped = ", ".join(field.skipped) or "nothing"
    print(f"skipped for what this machine lacks: {skipped}")
    failed = any(run["failed"] for run in results.runs)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
