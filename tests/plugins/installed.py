"""Plugins as pip would install them, without pip: a module and its metadata in a folder."""

from pathlib import Path

BACKEND = """
from vectord.core import Bid
from vectord.plugins import hookimpl


class Fake:
    name = "{name}"

    def bid(self, card, hardware, options):
        return Bid(score=1000, dtype="float32", reason="{reason}")

    def load(self, card, bid):
        raise NotImplementedError


@hookimpl
def register_backends():
    return [Fake()]
"""
UNIMPORTABLE = "import a_module_that_nobody_has\n"
MISSPELT = """
from vectord.plugins import hookimpl


@hookimpl
def register_backend():
    return []
"""
RAISING = """
from vectord.plugins import hookimpl


@hookimpl
def register_backends():
    raise RuntimeError("no licence found")
"""


def backend(name: str, reason: str = "it is fast") -> str:
    """Return the code of a plugin whose backend outbids all others."""
    return BACKEND.format(name=name, reason=reason)


def install(folder: Path, name: str, code: str) -> Path:
    """Write a distribution whose entry point is its only module; return the folder."""
    (folder / f"{name}.py").write_text(code)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[vectord.plugins]\n{name} = {name}\n")
    return folder
