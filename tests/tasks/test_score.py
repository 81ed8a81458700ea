"""Pairs scored in one job: the numbers of single requests, and of the reference."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.checkpoints import answers
from tests.shared import Checkpoints
from vectord.core import Encoding
from vectord.errors import EmptyInput, InvalidRequest, TooLong, WrongTask
from vectord.scheduler import Engine, Truncation
from vectord.scheduler.job import Job
from vectord.scheduler.lane import Lane

from .serving import INPUTS, LONG, engine, near

QUERIES = ["what is the capital of france", "fox", *INPUTS[2:-1], LONG]
FAMILIES = ["bert_rerank", "xlm_roberta_rerank", "qwen3_yes_no", "bert", "bert_colbert"]


async def single(door: Engine, query: str, document: str, raw: bool = False) -> float:
    return float((await door.score([query], [document], raw_scores=raw)).scores[0])


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("family", FAMILIES)
async def test_pairs_score_as_they_do_alone(checkpoint: Checkpoints, family: str, raw: bool) -> None:
    async with engine(checkpoint(family)) as door:
        together = await door.score(QUERIES, INPUTS, raw_scores=raw)
        alone = [await single(door, *pair, raw) for pair in zip(QUERIES, INPUTS, strict=True)]
        one = await door.score(QUERIES[:1], INPUTS, raw_scores=raw)
        ranked = await door.rerank(QUERIES[0], INPUTS, raw_scores=True)
    scale = np.maximum(1, np.abs(alone))
    near(together.scores / scale, np.array(alone) / scale)
    if raw:
        near(one.scores, ranked.scores)
    assert together.truncated >= 1


async def test_a_cross_encoders_is_the_references(checkpoint: Checkpoints) -> None:
    path = checkpoint("bert_rerank")
    async with engine(path) as door:
        answer = await door.score(QUERIES, INPUTS)
    near(answer.scores, answers.cross_scores(path, list(zip(QUERIES, INPUTS, strict=True))))


@pytest.mark.parametrize("family", ["bert", "bert_colbert"])
async def test_similarities_are_left_as_they_are(checkpoint: Checkpoints, family: str) -> None:
    async with engine(checkpoint(family)) as door:
        scores = (await door.score(["fox"], INPUTS)).scores
        raw = (await door.rerank("fox", INPUTS, raw_scores=True)).scores
    near(scores, raw)


@pytest.mark.parametrize("family", FAMILIES)
async def test_an_n_to_n_request_is_one_job(
    checkpoint: Checkpoints, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with engine(checkpoint(family)) as door:
        submitted: list[int] = []
        submit = Lane.submit

        def noted(lane: Lane, encodings: Sequence[Encoding], *rest: Any, **more: Any) -> Job:
            submitted.append(len(encodings))
            return submit(lane, encodings, *rest, **more)

        monkeypatch.setattr(Lane, "submit", noted)
        await door.score(QUERIES, INPUTS)
    compared = 2 if family in ("bert", "bert_colbert") else 1
    assert submitted == [compared * len(INPUTS)]


async def test_what_is_refused(checkpoint: Checkpoints) -> None:
    async with engine(checkpoint("bert_rerank")) as door:
        for queries, documents in ((["a", "b"], ["c"]), (["a", "b"], ["c", "d", "e"])):
            with pytest.raises(InvalidRequest, match="make no pairs"):
                await door.score(queries, documents)
        for queries, documents in (([], ["a"]), (["a"], []), (["a", ""], ["b", "c"])):
            with pytest.raises(EmptyInput):
                await door.score(queries, documents)
        with pytest.raises(TooLong, match="document 1 with the query has"):
            await door.score(["a", "b"], ["c", LONG], truncation=Truncation(False))
        with pytest.raises(TooLong, match="query 1 has"):
            await door.score(["a", LONG], ["c", "d"], truncation=Truncation(False))
    async with engine(checkpoint("bert_classify")) as door:
        with pytest.raises(WrongTask):
            await door.score(["a"], ["b"])
