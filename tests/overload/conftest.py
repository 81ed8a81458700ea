"""Real servers whose model takes the time that it is told to."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.plugins.installed import install
from tests.server import DEFAULT_MODEL, Server, serving

from .backend import TOKEN_SECONDS

Serve = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Return what starts a server whose model takes so many seconds for a padded token; None: a real one."""
    if DEFAULT_MODEL is None:
        pytest.skip("all-MiniLM-L6-v2 is not installed")
    code = (Path(__file__).parent / "backend.py").read_text()
    folder = install(tmp_path_factory.mktemp("plugins"), "sleeping", code)
    paths = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))

    @contextmanager
    def start(token_seconds: float | None, *arguments: str) -> Iterator[Server]:
        asleep = {} if token_seconds is None else {"PYTHONPATH": paths, TOKEN_SECONDS: str(token_seconds)}
        ours = {"PYTHONPATH": os.environ.get("PYTHONPATH", "")} if token_seconds is None else asleep
        with serving(*arguments, env=ours) as server:
            yield server

    return start
