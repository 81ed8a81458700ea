"""What many tests need: tiny checkpoints on disk, each written once a run."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.checkpoints import Shape, Style


class Checkpoints:
    """Writes a checkpoint when it is first asked for. Tests that change one take a copy."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, family: str, shape: "Shape" = "small", style: "Style" = "published") -> Path:
        path = self._root / f"{family}-{shape}-{style}"
        if not path.exists():
            from tests.checkpoints import build  # only here: it imports torch

            build(family, path, shape=shape, style=style)
        return path

    def copy(self, family: str, to: Path, shape: "Shape" = "small", style: "Style" = "published") -> Path:
        return Path(shutil.copytree(self(family, shape, style), to))
