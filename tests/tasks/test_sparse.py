"""Weights by token id: SPLADE's over the vocabulary, and bge-m3's of the text's own tokens."""

import numpy as np
import pytest

from tests.checkpoints import answers
from tests.checkpoints.heads import SPLADE
from tests.shared import Checkpoints
from vectord.errors import InvalidRequest, WrongTask
from vectord.scheduler import Sparse

from .serving import INPUTS, engine, near


@pytest.mark.parametrize("family", SPLADE)
async def test_splade(checkpoint: Checkpoints, family: str) -> None:
    path = checkpoint(family)
    async with engine(path) as door:
        answer = await door.sparse(INPUTS)
        with pytest.raises(WrongTask, match="it can make sparse vectors"):
            await door.embed(["a"], model=answer.model)
    for found, right in zip(answer.vectors, answers.sparse(path, INPUTS), strict=True):
        whole = np.zeros(right.shape[1], np.float32)
        whole[found.indices] = found.values
        near(whole[None], right)
        assert np.all(found.values > 0)
        assert np.all(np.diff(found.indices) > 0)
    assert answer.truncated == (family != "modernbert_splade")


@pytest.mark.parametrize("family", ["bge_m3", "bge_m3_full"])
async def test_bge_m3_in_three_ways_at_once(checkpoint: Checkpoints, family: str) -> None:
    path = checkpoint(family)
    async with engine(path) as door:
        answer = await door.represent(INPUTS)
        alone = await door.sparse(INPUTS)
        dense = await door.embed(INPUTS)
        two = await door.represent(INPUTS[:2], ("sparse", "dense"))
        limit = door.find(None, "embed").card.max_length
    wanted = answers.bge_m3(path, INPUTS, limit)
    assert answer.dense is not None and answer.sparse is not None and answer.token_vectors is not None
    near(answer.dense, np.concatenate([one["dense"] for one in wanted]))
    for rows, one in zip(answer.token_vectors, wanted, strict=True):
        near(rows, one["vectors"])
    for text, found, one in zip(INPUTS, answer.sparse, wanted, strict=True):
        right = answers.lexical(path, text, limit, one["weights"])
        assert dict.fromkeys(found.indices.tolist()) == dict.fromkeys(sorted(right))
        near(found.values, [right[index] for index in found.indices.tolist()])
    assert (answer.truncated, alone.truncated, answer.tokens) == (1, 1, alone.tokens)
    near(dense.vectors, answer.dense)
    for weights, others in zip(alone.vectors, answer.sparse, strict=True):
        same(weights, others)
    assert two.token_vectors is None and two.dense is not None and two.sparse is not None
    near(two.dense, answer.dense[:2])


def same(one: Sparse, other: Sparse) -> None:
    np.testing.assert_array_equal(one.indices, other.indices)
    near(one.values, other.values)


async def test_kinds_that_a_model_lacks(checkpoint: Checkpoints) -> None:
    async with engine(checkpoint("bert")) as door:
        answer = await door.represent(["a b", "c"], ("dense", "token_vectors"))
        assert answer.token_vectors is not None
        assert [len(rows) for rows in answer.token_vectors] == [4, 3]
        with pytest.raises(InvalidRequest, match="gives no sparse vectors; it gives dense, token_vectors"):
            await door.represent(["a"], ("dense", "sparse"))
        with pytest.raises(WrongTask, match="no served model can make sparse vectors"):
            await door.sparse(["a"])
