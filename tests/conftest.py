import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shared import Checkpoints
from vectord.backends.reports import silence

silence()  # tests import runtimes by themselves

collect_ignore = ["helm", "cluster"]  # they have an environment of their own: .venv-helm


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--device", default="cpu", help="where tests/backends runs torch: cpu, cuda or cuda:N")


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what engines derive from checkpoints out of the user's own cache; the hub's stays where it is."""
    path = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HOME", os.environ.get("HF_HOME", str(Path.home() / ".cache/huggingface")))
        patch.setenv("XDG_CACHE_HOME", str(path))
        yield path


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoints:
    """Tiny checkpoints by family, shape and style; nobody changes what lies there."""
    return Checkpoints(tmp_path_factory.mktemp("checkpoints"))
