"""8 bits a value: the neighbours that float vectors have, and bytes that depend on the text alone."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.shared import Checkpoints
from vectord import open_engine
from vectord.models import probe
from vectord.models.resolve import DEFAULT_MODEL, Reference, package_folder

from .serving import engine

SENTENCES = [sentence for language in probe.languages() for sentence in language]
needs_model = pytest.mark.skipif(
    package_folder(Reference.parse(DEFAULT_MODEL).target) is None, reason="all-MiniLM-L6-v2 is not installed"
)


def neighbours(rows: NDArray[Any], count: int = 10) -> list[set[int]]:
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -2)
    return [set(row.tolist()) for row in np.argsort(-cosines, axis=1)[:, :count]]


def recall(exact: NDArray[Any], quantised: NDArray[Any]) -> float:
    """How many of the ten nearest are still among them."""
    pairs = zip(neighbours(exact), neighbours(quantised.astype(np.float64)), strict=True)
    return float(np.mean([len(one & other) / 10 for one, other in pairs]))


@pytest.mark.parametrize("family", ["bert", "modernbert", "qwen3", "jina_v3"])
async def test_random_checkpoints_keep_their_neighbours(checkpoint: Checkpoints, family: str) -> None:
    async with engine(checkpoint(family)) as door:
        found = await door.embed(SENTENCES, precisions=["int8"])
    assert recall(found.vectors, found.converted("int8")) >= 0.95
    assert recall(found.vectors, found.converted("uint8").astype(int) - 128) >= 0.95


@needs_model
async def test_a_real_model_keeps_its_neighbours_whole_and_cut() -> None:
    async with open_engine(DEFAULT_MODEL) as door:
        for size in (None, 64):
            found = await door.embed(SENTENCES[::2], precisions=["int8"], dimensions=size)
            assert recall(found.vectors, found.converted("int8")) >= 0.97


@needs_model
@pytest.mark.parametrize("backend", ["onnx", "openvino"])
async def test_a_text_has_the_same_bytes_in_any_batch_and_after_a_restart(backend: str) -> None:
    """In the precision that the hardware is best at, where a batch does change a float's last bits."""
    texts, random = SENTENCES[::6], np.random.default_rng(0)
    async with open_engine(DEFAULT_MODEL, backend=backend) as door:
        together = await door.embed(texts, precisions=["int8"])
        bytes_of = together.converted("int8")
        for size in (1, 2, 9):
            chosen = random.permutation(len(texts))[:size]
            some = await door.embed([texts[index] for index in chosen], precisions=["int8"])
            np.testing.assert_array_equal(some.converted("int8"), bytes_of[chosen])
    async with open_engine(DEFAULT_MODEL, backend=backend) as door:
        again = await door.embed(texts[::-1], precisions=["uint8"])
    assert again.scale == together.scale
    np.testing.assert_array_equal(again.converted("uint8")[::-1] ^ 128, bytes_of.view(np.uint8))
