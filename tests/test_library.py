"""The engine as a library."""

import numpy as np
import pytest

import vectord
from vectord.models.resolve import PACKAGED, package_folder


@pytest.mark.skipif(
    package_folder(next(iter(PACKAGED))) is None, reason="the model's package is not installed"
)
async def test_the_engine_embeds_and_reranks_without_a_server() -> None:
    async with vectord.open_engine("all-MiniLM-L6-v2", dtype="float32") as engine:
        vectors = (await engine.embed(["a cat", "a kitten", "tax law"])).vectors
        scores = (await engine.rerank("a cat", ["a kitten", "tax law"])).scores
    assert vectors.shape == (3, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert scores[0] > scores[1]
