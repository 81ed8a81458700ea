"""The documentation says what the code does, and its examples run."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from vectord.api.app import SURFACE
from vectord.errors import Reason
from vectord.models.families import FAMILIES
from vectord.plugins import backends, load_plugins

from .docs import CLIENTS, GENERATED, ROOT, driven, replaced
from .server import DEFAULT_MODEL, Server, environment, serving

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("helm/*.md")])
README = (ROOT / "README.md").read_text()
ADDRESS = "http://127.0.0.1:8080"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
needs_model = pytest.mark.skipif(DEFAULT_MODEL is None, reason="all-MiniLM-L6-v2 is not installed")


def blocks(language: str) -> list[str]:
    """Return README's code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as server:
        yield server


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@needs_model
@pytest.mark.parametrize("script", blocks("bash"))
def test_readmes_curl_examples_run(server: Server, script: str, tmp_path: Path) -> None:
    assert ADDRESS in script
    answer = json.loads(run(["bash", "-euc", script.replace(ADDRESS, server.url)], tmp_path))
    assert answer["model"] == "all-MiniLM-L6-v2"
    if answer["object"] == "rerank":
        [best] = answer["results"]
        assert best["document"]["text"] == "Paris is the capital of France."
    else:
        assert [len(one["embedding"]) for one in answer["data"]] == [384, 384]


@needs_model
@pytest.mark.parametrize("script", blocks("python"))
def test_readmes_python_examples_print_what_they_say(server: Server, script: str, tmp_path: Path) -> None:
    said = re.findall(r"print\(.*\)  # (.*)", script)
    printed = run([sys.executable, "-c", script.replace(ADDRESS, server.url)], tmp_path)
    assert printed.splitlines() == said != []


def test_readme_has_both_kinds_of_examples() -> None:
    assert len(blocks("bash")) == len(blocks("python")) == 2


@pytest.mark.parametrize(("file", "name"), GENERATED)
def test_what_follows_from_the_code_is_up_to_date(file: str, name: str) -> None:
    text = (ROOT / file).read_text()
    assert replaced(text, name, GENERATED[file, name]()) == text, "run: python -m tests.docs"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        if not target.startswith("https://"):
            assert (page.parent / target.split("#")[0]).exists(), target


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs/index.md").read_text()
    for page in ROOT.glob("docs/*.md"):
        assert page.name == "index.md" or f"]({page.name})" in index
        assert page.name == "index.md" or f"](docs/{page.name})" in README


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(), re.MULTILINE)
    assert set(named) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_exists(page: Path) -> None:
    folders = "api|backends|bench|docs|examples|models|plugins|scheduler|src|tests"
    for name in re.findall(rf"`((?:{folders})/[\w./-]*)`", page.read_text()):
        assert (ROOT / name).exists(), name


def test_every_dependency_has_a_row_with_why_and_licence() -> None:
    page = (ROOT / "docs/dependencies.md").read_text()
    rows = {cells[1].strip(): cells[2:-1] for line in page.splitlines() if (cells := line.split("|"))[1:]}
    extras = PROJECT["optional-dependencies"].values()
    for requirement in [*PROJECT["dependencies"], *(one for extra in extras for one in extra)]:
        [name] = re.findall(r"^[\w.-]+", requirement)
        assert name in rows, f"docs/dependencies.md lacks {name}"
        assert all(cell.strip() for cell in rows[name])


def test_readme_names_every_family_and_backend() -> None:
    for name in [*FAMILIES, *backends(load_plugins())]:
        assert f"`{name}`" in README


def test_every_reason_for_a_refusal_is_told() -> None:
    page = (ROOT / "docs/observability.md").read_text()
    refusals = page.split("### Refusals")[1].split("###")[0]
    assert re.findall(r"^\| `(\w+)` \| \d", refusals, re.MULTILINE) == list(get_args(Reason))


def test_clients_ask_routes_that_exist() -> None:
    routes = {re.sub(r":\w+}", "}", f"{one.method} {one.path}") for one in SURFACE}
    assert driven()
    for client, asked in driven().items():
        assert set(asked) <= routes, client


def test_clients_are_pinned_whole_without_torch_and_name_no_host() -> None:
    pins = [(CLIENTS / name).read_text() for name in ("requirements.txt", "newest.txt")]
    names = {line.split("==")[0] for text in pins for line in text.splitlines()}
    assert not names & {"torch", "triton", "transformers", "sentence-transformers"}
    assert not any("://" in text or "@" in text for text in pins)
    assert '"resolved"' not in (CLIENTS / "node/package-lock.json").read_text()
    wanted = (CLIENTS / "requirements.in").read_text() + (CLIENTS / "newest.in").read_text()
    for line in wanted.splitlines():
        assert line.startswith("#") or line.split("==")[0].replace("_", "-") in names, line


def test_the_changelog_knows_this_version() -> None:
    assert f"## [{PROJECT['version']}]" in (ROOT / "CHANGELOG.md").read_text()
