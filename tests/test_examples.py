"""The example backend is installed as a stranger would install it, and serves the real model."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from vectord.models.weights import float32

from .server import COMMAND, DEFAULT_MODEL, Server, environment, serving

EXAMPLE = Path(__file__).parents[1] / "examples/word-mean"
TEXTS = ["a text", "another, longer text about the weather", "text a"]

pytestmark = pytest.mark.skipif(DEFAULT_MODEL is None, reason="all-MiniLM-L6-v2 is not installed")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing but the installed example."""
    source = shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("source") / EXAMPLE.name)
    target = tmp_path_factory.mktemp("installed")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", target, source],
        capture_output=True,
        text=True,
        timeout=90,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="module")
def server(installed: Path) -> Iterator[Server]:
    with serving("--backend", "word-mean", env={"PYTHONPATH": str(installed)}) as server:
        yield server


def test_it_is_complete_in_under_sixty_lines() -> None:
    files = [path for path in EXAMPLE.iterdir() if path.suffix in (".py", ".toml")]
    assert sum(len(path.read_text().splitlines()) for path in files) < 60


def test_it_shows_in_the_plan_and_does_not_win(installed: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "plan"],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(PYTHONPATH=str(installed)),
    )
    assert done.returncode == 0, done.stderr
    assert "  bid     word-mean      1  float32   averages word vectors and skips the network" in done.stdout
    assert "choice    word-mean" not in done.stdout


def test_it_serves(server: Server) -> None:
    [model] = httpx.get(f"{server.url}/v1/models").json()["data"]
    assert (model["vectord"]["backend"], model["vectord"]["dtype"]) == ("word-mean", "float32")
    answer = httpx.post(f"{server.url}/v1/embeddings", json={"input": TEXTS})
    rows = np.array([one["embedding"] for one in answer.json()["data"]])
    np.testing.assert_allclose(rows, expected(), atol=1e-6)
    np.testing.assert_allclose(rows[0], rows[2], atol=1e-6)  # word order is lost


def expected() -> Any:
    """Return the mean of each text's word vectors, as unit vectors."""
    from vectord.models.card import read_card
    from vectord.models.resolve import DEFAULT_MODEL, Reference, resolve
    from vectord.models.tokenizer import load_tokenizer

    card = read_card("any", resolve(Reference.parse(DEFAULT_MODEL)))
    words = float32(card.tensors["embedding.word.weight"])
    encodings = load_tokenizer(card.path, len(words)).encode(TEXTS, card.max_length)
    means = np.stack([words[one.token_ids].mean(axis=0) for one in encodings])
    return means / np.linalg.norm(means, axis=1, keepdims=True)
