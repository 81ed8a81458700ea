"""`vectord bench`: what it takes."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .workload import WORKLOADS

EXAMPLES = """examples:
  vectord bench                                 all-MiniLM-L6-v2 as it is served by default
  vectord bench ./my-model --workload short --workload mixed --concurrency 1,8,64
  vectord bench ./my-model --serve "" --serve "--dtype float32" --serve "--backend onnx"
                                                one model served in three ways, side by side
  vectord bench ./my-model --url tei=http://127.0.0.1:3000/embed
                                                beside a TEI that you started on the same machine
  vectord bench --url http://127.0.0.1:8000/v1 --url http://127.0.0.1:8001/v1
                                                two servers of OpenAI's dialect, nothing started

Every round sends the same texts to each in turn, while servers started here that are not at it are
paused. Compare figures of one run. Exit status 1: requests failed, or vectors differ.
"""
DESCRIPTION = """Measure servers side by side: vectord with a model, and any server by its address.

A client process of its own sends the same requests to each, in rounds that take turns. It checks that no
request failed and that all give the same vectors as the first. Prints a table; writes results.json,
table.md and plots."""


def add_bench(commands: Any, formatter: Any, model_help: str) -> None:
    """Add the subcommand."""
    kinds = "\n".join(f"  {one.name:<14}{one.told}" for one in WORKLOADS.values())
    bench = commands.add_parser(
        "bench",
        help="measure served speed, beside other servers too",
        description=DESCRIPTION,
        epilog=f"workloads:\n{kinds}\n\n{EXAMPLES}",
        formatter_class=formatter,
    )
    add_servers(bench.add_argument, model_help)
    add_load(bench.add_argument)


def add_servers(add: Callable[..., Any], model_help: str) -> None:
    """Add what says which servers are measured."""
    add(
        "model",
        nargs="?",
        metavar="MODEL",
        help=f"{model_help.partition('[')[0]}With --url alone, none is started.",
    )
    add(
        "--url",
        action="append",
        default=[],
        metavar="[NAME=]URL",
        help="A server that runs. A path that ends in /embed speaks TEI, all others OpenAI. Repeatable.",
    )
    add(
        "--serve",
        action="append",
        metavar="FLAGS",
        help="Flags of vectord serve in one argument; each --serve is a server of MODEL. Default: none.",
    )
    add("--api-key", metavar="KEY", help="Key that servers given by --url ask for.")


def add_load(add: Callable[..., Any]) -> None:
    """Add what says what is sent, and where the figures go."""
    add(
        "--workload",
        action="append",
        choices=tuple(WORKLOADS),
        metavar="NAME",
        help="What is sent, see below. Repeatable. Default: mixed.",
    )
    add(
        "--concurrency",
        type=levels,
        default=[64],
        metavar="N[,N...]",
        help="Connections, or several numbers of them in turn. Default: 64.",
    )
    add(
        "--texts",
        type=positive,
        default=1000,
        metavar="N",
        help="Texts in a round; workloads of small or many-text requests send more. Default: 1000.",
    )
    add("--seconds", type=float, metavar="SECONDS", help="Begin no request of a round after this time.")
    add("--rounds", type=positive, default=3, metavar="N", help="Rounds of each contender. Default: 3.")
    add("--out", type=Path, default=Path("vectord-bench"), metavar="DIR",
        help="Where the files go. Default: ./vectord-bench.")  # fmt: skip


def levels(text: str) -> list[int]:
    """Read numbers of connections."""
    return [positive(part) for part in text.split(",")]


def positive(text: str) -> int:
    """Read a number of at least one."""
    if not text.strip().isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)
