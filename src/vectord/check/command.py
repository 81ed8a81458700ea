"""`vectord check`: what it takes."""

import argparse
from typing import Any

DESCRIPTION = """Check a server that runs: whether it is ready, and for every model whether an embedding and a
ranking make sense: vectors finite, of unit length and of the width that the model has, like texts nearer
than unlike ones, the right document first. One line for each check."""
EXAMPLES = """examples:
  vectord check                                  the server on this machine, all of its models
  vectord check --url http://vectord:8080 --model small --task embed --timeout 10
  vectord check --ready                          no model is asked: for probes every few seconds

Exit status 1: a check failed. Proxies of the environment are not used.
"""
KEY = "VECTORD_API_KEY"
TASKS = ("embed", "rerank")


def add_check(commands: Any, formatter: Any) -> None:
    """Add the subcommand."""
    check = commands.add_parser(
        "check",
        help="check a server that runs, by real requests",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=formatter,
    )
    add = check.add_argument
    add("--url", help="Server to ask. Default: http://127.0.0.1 with the port of VECTORD_PORT or 8080.")
    add("--api-key-env", metavar="NAME", help=f"Variable that holds the key. Default: {KEY}, if it is set.")
    add("--model", action="append", metavar="NAME", help="Model to check. Repeatable. Default: all.")
    add("--task", action="append", choices=TASKS, help="What to check. Default: what each model can do.")
    add("--timeout", type=seconds, default=30.0, metavar="SECONDS",
        help="Time for all of it. Default: 30.")  # fmt: skip
    add("--ready", action="store_true", help="Ask only whether it is ready.")


def seconds(text: str) -> float:
    """Read a time."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value
