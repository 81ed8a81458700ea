"""What the Dockerfile says: who runs it, what it takes in, and that nothing secret or unpinned is in it."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from .dockerfile import ROOT, Stage, lineage, read

FILE = ROOT / "Dockerfile"
ARGUMENTS, STAGES = read(FILE.read_text())
TARGETS = ("cpu", "cuda")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LABELS = ("title", "description", "licenses", "version", "revision", "created")


def last(target: str, word: str) -> str:
    return [rest for stage in lineage(STAGES, target) for rest in stage.all(word)][-1]


def copied() -> list[str]:
    """Return what the Dockerfile copies from the repository."""
    steps = [shlex.split(rest) for stage in STAGES.values() for rest in stage.all("COPY")]
    return [one for words in steps if not words[0].startswith("--from=") for one in words[:-1]]


def test_the_cpu_image_is_what_a_plain_build_makes() -> None:
    assert set(TARGETS) <= set(STAGES)
    assert list(STAGES)[-1] == "cpu"


@pytest.mark.parametrize("target", TARGETS)
def test_it_runs_as_a_numbered_user(target: str) -> None:
    assert last(target, "USER") == "10001:10001"
    assert "USER" not in [word for word, _ in STAGES[target].steps]


@pytest.mark.parametrize("target", TARGETS)
def test_it_says_what_it_is(target: str) -> None:
    told = STAGES[target].all("LABEL")[0]
    assert re.findall(r"org\.opencontainers\.image\.(\w+)=", told) == list(LABELS)
    assert f'licenses="{PROJECT["project"]["license"]}"' in told


@pytest.mark.parametrize("target", TARGETS)
def test_it_starts_and_stops_as_the_server_does(target: str) -> None:
    assert last(target, "ENTRYPOINT") == '["vectord"]'
    assert last(target, "CMD") == '["serve"]'
    assert last(target, "STOPSIGNAL") == "SIGTERM"
    assert '["vectord", "check", "--ready"' in last(target, "HEALTHCHECK")


def test_what_is_written_lies_where_volumes_can_be() -> None:
    told = last("cpu", "ENV") + " ".join(STAGES["runtime"].all("ENV"))
    for place in ("HOME=/home/vectord", "HF_HOME=/models", "XDG_CACHE_HOME=/cache"):
        assert place in told
    assert "install -d -o 10001 -g 10001 /models /cache" in STAGES["runtime"].all("RUN")[0]


def test_bases_have_a_version() -> None:
    bases = [ARGUMENTS.get(stage.base.strip("${}"), stage.base) for stage in STAGES.values()]
    for base in {one for one in bases if one not in STAGES}:
        name, _, tag = base.partition(":")
        assert name.count("/") >= 2, "the registry is named"
        assert re.search(r"\d", tag)


def test_everything_that_is_copied_is_there_and_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert copied()
    for name in copied():
        assert (ROOT / name).exists()
        assert f"!{name}" in ignored


def test_everything_that_the_package_is_made_of_is_copied() -> None:
    folders = {folder.split("/")[0] for folder in PROJECT["tool"]["setuptools"]["package-dir"].values()}
    assert folders <= set(copied())
    assert not [name for name in copied() if fnmatch(name, ".*")]


def test_torch_is_that_of_the_extra_and_in_one_image_alone() -> None:
    [pin] = [one for one in PROJECT["project"]["optional-dependencies"]["torch"] if one.startswith("torch=")]
    assert f"install --no-cache-dir {pin}" in STAGES["cuda-packages"].all("RUN")[0]
    for stage in lineage(STAGES, "cpu"):
        assert "torch==" not in str(stage.steps)
        assert "cuda" not in str(stage.all("COPY"))


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_no_secret_is_an_argument_or_stays_in_a_layer(stage: Stage) -> None:
    for word in ("ARG", "ENV"):
        assert not re.search(r"token|secret|password|key", " ".join(stage.all(word)), re.IGNORECASE)
    for command in stage.all("RUN"):
        assert "HF_TOKEN" not in command or "--mount=type=secret" in command


def test_hadolint_has_nothing_to_say() -> None:
    tool = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if tool is None:
        pytest.skip("no hadolint")
    done = subprocess.run([tool, FILE], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
