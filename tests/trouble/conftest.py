"""Real servers whose backend makes trouble."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.plugins.installed import install
from tests.server import DEFAULT_MODEL, Server, serving

Serve = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Return what starts a server, with these arguments, on the backend that makes trouble."""
    if DEFAULT_MODEL is None:
        pytest.skip("all-MiniLM-L6-v2 is not installed")
    code = (Path(__file__).parent / "backend.py").read_text()
    folder = install(tmp_path_factory.mktemp("plugins"), "trouble", code)

    paths = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))

    @contextmanager
    def start(*arguments: str, **env: str) -> Iterator[Server]:
        with serving(*arguments, env={"PYTHONPATH": paths, **env}) as server:
            yield server

    return start
