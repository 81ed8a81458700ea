"""What is committed: sources, and nothing that a tool or a mistyped command left."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MOST_BYTES = 1_000_000
HIDDEN = {".ci", ".dockerignore", ".gitignore"}


@pytest.fixture(scope="module")
def committed() -> list[Path]:
    found = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if found.returncode:
        pytest.skip("not a git checkout")
    return [Path(name) for name in found.stdout.split("\0") if name]


def test_only_known_things_stand_at_the_root(committed: list[Path]) -> None:
    roots = {path.parts[0] for path in committed}
    assert {name for name in roots if name.startswith(".")} <= HIDDEN
    assert not {name for name in roots if name.startswith("-") or "venv" in name}


def test_nothing_is_large(committed: list[Path]) -> None:
    sizes = {path: (ROOT / path).lstat().st_size for path in committed if (ROOT / path).exists()}
    assert not {path: size for path, size in sizes.items() if size > MOST_BYTES}
