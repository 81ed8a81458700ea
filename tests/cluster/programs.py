"""What images hold, as programs of this machine: a container's first word chooses one."""

import os
import signal
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.helm.debian import command

ROOT = Path(__file__).parents[2]
PYTHON = os.environ.get("VECTORD_PYTHON", str(ROOT / ".venv-dev/bin/python"))  # has what serving needs
PACKAGED = (
    "from vectord.models.resolve import PACKAGED, package_folder; print(next(map(package_folder, PACKAGED)))"
)


@dataclass(frozen=True)
class Program:
    """The words that start a program, and the signal that its image names as STOPSIGNAL."""

    words: tuple[str, ...]
    stop: signal.Signals = signal.SIGTERM


def program(word: str) -> Program:
    """Return what an image has under a name. Raises `LookupError` where this machine has no such program."""
    if word == "vectord":
        return Program((PYTHON, "-m", "vectord"))
    if found := command(word):
        return Program(found, signal.SIGUSR1 if word == "haproxy" else signal.SIGTERM)
    raise LookupError(f"{word} is not on this machine")


@cache
def packaged_model() -> Path:
    """Return the folder of the model that is installed as a package."""
    told = subprocess.run((PYTHON, "-c", PACKAGED), capture_output=True, text=True, check=True)
    return Path(told.stdout.strip())
