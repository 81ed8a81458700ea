"""The wheel: nothing forgotten, nothing else, and it serves where the repository is not."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import httpx
import pytest

from .server import DEFAULT_MODEL, Server, environment, serving

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
# folders at the root that are packages, by what they are called in the wheel
FOLDERS = {
    name.replace(".", "/"): ROOT / folder
    for name, folder in PROJECT["tool"]["setuptools"]["package-dir"].items()
}
UNPACKED = ("__pycache__", ".git", ".venv*", "*.egg-info", ".*_cache", "build", "dist", ".hypothesis")
# without .pth files, so that the editable install of the repository is out of sight
COMMAND = (sys.executable, "-S", "-m", "vectord")
# modules of libraries that a declared one always brings
BROUGHT = {"pydantic_core": "pydantic"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of a copy, so that the build leaves nothing in the tree."""
    source = tmp_path_factory.mktemp("source") / "vectord"
    shutil.copytree(ROOT, source, symlinks=True, ignore=shutil.ignore_patterns(*UNPACKED))
    out = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-build-isolation", "--wheel-dir", out, source)
    [file] = out.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the installed wheel."""
    target = tmp_path_factory.mktemp("installed")
    pip("install", "--target", target, wheel)
    return target


@pytest.fixture
def elsewhere(installed: Path) -> dict[str, str]:
    """An environment with the wheel and the libraries, and without the repository."""
    libraries = Path(httpx.__file__).parents[1]
    return environment(PYTHONPATH=f"{installed}:{libraries}")


def pip(command: str, *arguments: str | Path) -> None:
    quiet = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", command, *quiet, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr


def files_of(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, relative to it; links lead to folders that are mapped themselves."""
    for path in folder.iterdir():
        if path.is_symlink() or path.name == "__pycache__":
            continue
        if path.is_dir():
            yield from (path.name / inner for inner in files_of(path))
        else:
            yield path.relative_to(folder)


def test_the_wheel_holds_every_file_of_every_folder(wheel: Path) -> None:
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {str(name / file) for name, folder in places() for file in files_of(folder)}
    assert len(wanted) > 80
    assert wanted - packed == set()
    assert "vectord/py.typed" in packed


def places() -> list[tuple[Path, Path]]:
    return [(Path(name), folder) for name, folder in FOLDERS.items()]


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    version = PROJECT["project"]["version"]
    assert tops == {"vectord", f"vectord-{version}.dist-info"}


def test_it_is_the_wheel_that_runs(installed: Path, elsewhere: dict[str, str], tmp_path: Path) -> None:
    code = (
        "import vectord, vectord.api, vectord.models.families; print(vectord.__file__, vectord.api.__file__)"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], env=elsewhere, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [f"{installed}/vectord/__init__.py", f"{installed}/vectord/api/__init__.py"]


@pytest.mark.skipif(DEFAULT_MODEL is None, reason="all-MiniLM-L6-v2 is not installed")
def test_the_wheel_serves_the_default_model(elsewhere: dict[str, str], tmp_path: Path) -> None:
    with serving(command=COMMAND, env=elsewhere, cwd=tmp_path) as server:
        [model] = httpx.get(f"{server.url}/v1/models").json()["data"]
        assert model["id"] == "all-MiniLM-L6-v2"
        assert model["vectord"]["backend"] in ("onnx", "openvino", "torch")
        assert len(embedding(server)) == 384
    assert list(tmp_path.iterdir()) == []


def embedding(server: Server) -> list[float]:
    answer = httpx.post(f"{server.url}/v1/embeddings", json={"input": "a"}).json()
    row: list[float] = answer["data"][0]["embedding"]
    return row


def normal(name: str) -> str:
    """Return a distribution's name in its one normal form."""
    return re.sub(r"[-_.]+", "-", name.lower())


def declared(requirements: list[str]) -> set[str]:
    """Return the names of required distributions."""
    names = (re.match(r"[\w.-]+", line) for line in requirements)
    return {normal(name[0]) for name in names if name}


def test_what_is_imported_is_declared() -> None:
    project, owners = PROJECT["project"], packages_distributions()
    extras = project["optional-dependencies"]
    used = (extras[name] for name in ("torch", "tiktoken", "otel", "bench"))
    allowed = declared([*project["dependencies"], *(one for extra in used for one in extra)])
    for name, folder in places():
        for file in files_of(folder):
            for root in imported(folder / file):
                found = {normal(one) for one in [*owners.get(root, (root,)), BROUGHT.get(root, "")]}
                assert found & allowed, f"{name / file} imports {root}, which pyproject.toml does not declare"


def imported(file: Path) -> set[str]:
    """Return the roots of the foreign modules that a file imports."""
    if file.suffix != ".py":
        return set()
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names - {"vectord"}
