from collections.abc import Iterator
from pathlib import Path

import pytest

from ..server import DEFAULT_MODEL, Server, serving
from ..shared import Checkpoints

KEY = "sk-test-1234"
collect_ignore = ["published"]  # it has an environment of its own: make test-clients


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The real model at its defaults, but for a short time to read requests."""
    if DEFAULT_MODEL is None:
        pytest.skip("all-MiniLM-L6-v2 is not installed")
    with serving("--read-seconds", "2") as server:
        yield server


@pytest.fixture(scope="session")
def embedder(checkpoint: Checkpoints) -> Path:
    return checkpoint("bert")


@pytest.fixture(scope="session")
def reranker(checkpoint: Checkpoints) -> Path:
    return checkpoint("bert_rerank")


@pytest.fixture(scope="session")
def guarded(embedder: Path) -> Iterator[Server]:
    """A server that asks for a key, and logs all that it ever logs."""
    with serving(f"mini={embedder}", "--api-key", KEY, "--log-level", "debug") as server:
        yield server


@pytest.fixture(scope="session")
def several(embedder: Path, reranker: Path) -> Iterator[Server]:
    """A cross-encoder first, then an embedder under two names."""
    with serving(f"cross={reranker}", f"mini={embedder}", f"text-embedding-3-small={embedder}") as server:
        yield server
