"""The architecture as the folders say it: imports point one way, and no folder is forgotten."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/vectord"
SETUPTOOLS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
MAPPED: dict[str, str] = SETUPTOOLS["package-dir"]

# what each part may import of the others; what stands in no line may import nothing
SHARED = {"core", "errors"}
MAY_IMPORT = {
    "core": {"core"},
    "models": SHARED,
    "plugins": SHARED,
    "backends": {*SHARED, "models", "plugins"},
    "scheduler": SHARED,
    "api": {*SHARED, "scheduler", "config", "logs", "__version__"},
    "config": {*SHARED, "bounds"},
    "hardware": SHARED,
    "logs": {"config"},
    "flags": {"config", "errors"},
    "file": {"config", "errors"},
    "asked": {"config", "errors", "models"},
    "table": {"core", "models"},
    "pull": {"asked", "config", "errors", "models"},
    "check": {"errors", "__version__"},
    "bench": {"errors", "hardware", "models", "__version__"},
}
PARTS = ("api", "plugins", "models", "backends", "scheduler")
COMPOSITION_ROOT = ("cli", "compose", "load", "measure", "plan", "__main__")
BESIDE_THE_PACKAGE = {"tests", "bench", "examples", "src"}


def python_files(folder: Path) -> list[Path]:
    """Return the Python files of a folder; links lead to folders that are walked themselves."""
    real = folder.resolve()
    return sorted(path for path in folder.rglob("*.py") if path.resolve().is_relative_to(real))


def files_of(part: str) -> list[Path]:
    if part in PARTS:
        return python_files(ROOT / part)
    return python_files(SOURCE / part) or [SOURCE / f"{part}.py"]


def all_parts() -> list[str]:
    modules = [file.stem for file in SOURCE.glob("*.py") if file.stem != "__init__"]
    return [*PARTS, "bench", "check", "core", *modules]


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """Yield each import as its number of leading dots and its dotted name, `from a import b` as a.b."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = f"{node.module}." if node.module else ""
            yield from ((node.level, base + alias.name) for alias in node.names)


def imported_parts(part: str, file: Path) -> Iterator[str]:
    """Yield the parts of vectord that a file imports, its own folder left out."""
    inside = SOURCE if part not in PARTS else ROOT
    depth = len(file.relative_to(inside).parts)  # this many dots are the package itself
    for level, name in imports(file):
        if level == depth:
            yield name.split(".")[0]
        elif level > depth:
            yield f"what lies outside: {'.' * level}{name}"
        elif level == 0 and name.split(".")[0] == "vectord":
            yield name.split(".")[1]


@pytest.mark.parametrize("part", [part for part in all_parts() if part not in COMPOSITION_ROOT])
def test_imports_point_one_way(part: str) -> None:
    allowed = MAY_IMPORT.get(part, set())
    wrong = {(file.name, name) for file in files_of(part) for name in imported_parts(part, file)}
    assert {(file, name) for file, name in wrong if name not in allowed} == set()


@pytest.mark.parametrize("part", [*PARTS, "core"])
def test_a_folder_imports_itself_by_relative_names(part: str) -> None:
    absolute = {
        (file.name, name)
        for file in files_of(part)
        for level, name in imports(file)
        if level == 0 and name.startswith(f"vectord.{part}")
    }
    assert absolute == set()


def test_the_check_sees_imports_that_go_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / "models/families/new.py"
    file.parent.mkdir(parents=True)
    file.write_text(
        "from vectord.scheduler import Lane\nfrom ... import api\nfrom ..card import x\nimport vectord.cli"
    )
    assert set(imported_parts("models", file)) == {"scheduler", "api", "cli"}


def test_nothing_imports_a_folder_by_its_bare_name() -> None:
    for part in all_parts():
        for file in files_of(part):
            tops = {name.split(".")[0] for level, name in imports(file) if level == 0}
            assert not tops & {*PARTS, "core", "src"}, file


@pytest.mark.parametrize("name", ["family", "model_type"])
def test_nothing_asks_which_family_it_is(name: str) -> None:
    for part in all_parts():
        for file in files_of(part):
            for node in ast.walk(ast.parse(file.read_text())):
                asked = {called(one) for one in asked_in(node)}
                # sockets have families of another kind
                assert name not in asked or "AF_INET6" in asked, f"{file}:{getattr(node, 'lineno', 0)}"


def asked_in(node: ast.AST) -> list[ast.expr]:
    """Return the expressions that a comparison or a match looks at."""
    match node:
        case ast.Compare():
            return [node.left, *node.comparators]
        case ast.Match():
            return [node.subject]
        case _:
            return []


def called(node: ast.expr) -> str:
    """Return the last name of an expression: `family` of `card.family`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def test_every_folder_at_the_root_is_mapped_or_stays_outside() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    with_code = {name for name in folders - {"build", "dist"} if python_files(ROOT / name)}
    assert with_code - BESIDE_THE_PACKAGE == set(PARTS)


def test_every_package_is_listed() -> None:
    found = {
        ".".join((name, *file.parent.relative_to(ROOT / folder).parts))
        for name, folder in MAPPED.items()
        for file in python_files(ROOT / folder)
    }
    assert found == set(SETUPTOOLS["packages"]) == set(MAPPED)


@pytest.mark.parametrize("part", PARTS)
def test_every_mapped_folder_has_its_link(part: str) -> None:
    link = SOURCE / part
    if not link.is_symlink():
        pytest.skip("git made no links here (core.symlinks is off)")
    assert link.resolve() == ROOT / part


def test_no_file_is_two_ideas() -> None:
    folders = [ROOT / name for name in (*PARTS, *BESIDE_THE_PACKAGE)]
    lengths = {
        file: len(file.read_text().splitlines()) for folder in folders for file in python_files(folder)
    }
    assert len(lengths) > 100
    assert {str(file.relative_to(ROOT)): length for file, length in lengths.items() if length > 300} == {}
