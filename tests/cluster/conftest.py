"""Without Helm's engine or HAProxy nothing here can run; .ci/run then names what is lacking."""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tests.helm.debian import command

if TYPE_CHECKING:
    from .release import Release

RUNS = find_spec("helm_python") is not None and command("haproxy") is not None


def pytest_ignore_collect() -> bool | None:
    return None if RUNS else True


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not RUNS:
        session.exitstatus = pytest.ExitCode.OK


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Release"]:
    """The release, with as many pods as the last test left."""
    from tests.helm.rendering import NAMESPACE

    from .cluster import Cluster
    from .release import Release, claim

    folder = tmp_path_factory.mktemp("cluster")
    with Cluster(folder / "pods", {"models": claim(folder / "models")}, NAMESPACE) as cluster:
        yield Release(cluster)
