"""Scores of labels, as transformers' text classification pipeline gives them."""

import numpy as np
import pytest

from tests.checkpoints import PAIRS, answers, reference
from tests.shared import Checkpoints
from vectord.errors import EmptyInput, TooLong
from vectord.scheduler import Truncation

from .serving import INPUTS, LONG, engine, near

MIXED: list[str | tuple[str, str]] = [*INPUTS, *PAIRS, ("fox", LONG), (LONG, LONG), "again"]


@pytest.mark.parametrize(
    "family",
    ["bert_classify", "bert_rerank", "roberta_multi", "distilbert_regression", "xlm_roberta_single"],
)
async def test_texts_and_pairs_in_one_request(checkpoint: Checkpoints, family: str) -> None:
    path = checkpoint(family)
    async with engine(path) as door:
        answer = await door.classify(MIXED)
        raw = await door.classify(MIXED, raw_scores=True)
    wanted = answers.label_scores(path, MIXED)
    near(answer.scores, [[row[label] for label in answer.labels] for row in wanted])
    near(raw.scores, reference.logits(path, MIXED))
    assert set(answer.labels) == set(wanted[0])
    assert (answer.truncated, answer.tokens) == (3, raw.tokens)


async def test_how_scores_lie(checkpoint: Checkpoints) -> None:
    async with engine(checkpoint("bert_classify")) as door:
        softmax = (await door.classify(INPUTS)).scores
    async with engine(checkpoint("roberta_multi")) as door:
        sigmoid = (await door.classify(INPUTS)).scores
    near(softmax.sum(axis=1), np.ones(len(INPUTS)))
    assert np.all((sigmoid > 0) & (sigmoid < 1))
    assert np.abs(sigmoid.sum(axis=1) - 1).max() > 0.1


async def test_what_is_refused(checkpoint: Checkpoints) -> None:
    async with engine(checkpoint("bert_classify")) as door:
        for nothing in ([], [""], [("a", "")]):
            with pytest.raises(EmptyInput):
                await door.classify(nothing)
        with pytest.raises(TooLong):
            await door.classify([("fox", LONG)], truncation=Truncation(False))
