"""Without the engine nothing here can run; .ci/run then names it."""

from importlib.util import find_spec

import pytest


def pytest_ignore_collect() -> bool | None:
    return None if find_spec("helm_python") else True


def pytest_sessionfinish(session: pytest.Session) -> None:
    if find_spec("helm_python") is None:
        session.exitstatus = pytest.ExitCode.OK
