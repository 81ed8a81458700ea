"""A vector for every token: the network's states, or a ColBERT model's vectors in their role."""

import numpy as np
import pytest

from tests.checkpoints import Style, answers
from tests.checkpoints.heads import COLBERT
from tests.checkpoints.texts import QUERIES
from tests.shared import Checkpoints
from vectord.errors import InvalidRequest, TooLong
from vectord.scheduler import Prompt, Truncation

from .serving import INPUTS, engine, near

FORMS = [(family, style) for family in COLBERT for style in ("published", "resaved")]


@pytest.mark.parametrize("family", ["bert", "qwen3"])
async def test_states_of_an_embedder(checkpoint: Checkpoints, family: str) -> None:
    path = checkpoint(family)
    async with engine(path) as door:
        answer = await door.embed_all(INPUTS)
        limit = door.find(None, "embed_all").card.max_length
    wanted = answers.states(path, INPUTS, limit)
    for rows, right in zip(answer.vectors, wanted, strict=True):
        near(rows, right)
    assert (answer.tokens, answer.truncated) == (sum(map(len, wanted)), 1)


@pytest.mark.parametrize(("family", "style"), FORMS)
async def test_a_colbert_model_in_both_roles(checkpoint: Checkpoints, family: str, style: Style) -> None:
    path = checkpoint(family, style=style)
    queries = (*QUERIES, INPUTS[-1])
    asked, documents, _ = answers.late(path, queries, INPUTS)
    async with engine(path) as door:
        found = await door.embed_all(queries, prompt=Prompt(role="query"))
        answer = await door.embed_all(INPUTS)
    for rows, right in zip([*found.vectors, *answer.vectors], [*asked, *documents], strict=True):
        near(rows, right)
    assert (found.tokens, found.truncated) == (sum(map(len, asked)), 1)
    assert answer.truncated == 1


async def test_a_colbert_model_marks_texts_and_so_takes_no_ids(checkpoint: Checkpoints) -> None:
    async with engine(checkpoint("bert_colbert")) as door:
        with pytest.raises(InvalidRequest, match="takes texts, not token ids"):
            await door.embed_all([[1, 2, 3]])
        with pytest.raises(TooLong, match=r"\d+ tokens; .* takes 180"):
            await door.embed_all([INPUTS[-1]], truncation=Truncation(False))
        with pytest.raises(TooLong, match=r"\d+ tokens; .* takes 32"):
            await door.embed_all([INPUTS[-1]], prompt=Prompt(role="query"), truncation=Truncation(False))


async def test_ids_of_an_embedder(checkpoint: Checkpoints) -> None:
    async with engine(checkpoint("bert")) as door:
        ids = door.find(None, "embed").loaded.tokenizer.encode(["hello world"], 64)[0].token_ids
        [one] = (await door.embed_all([ids.tolist()])).vectors
        [other] = (await door.embed_all(["hello world"])).vectors
    np.testing.assert_array_equal(one, other)
