"""Queries and documents over fakes: what is paired, what is cut before, what is asked of which model."""

import pytest

from vectord.errors import InvalidRequest, WrongTask
from vectord.scheduler import Engine, Truncation

from .fakes import FakeSession, card, engine, serve


def both() -> Engine:
    return engine(
        serve(FakeSession(), card("cross", ("rerank",))),
        serve(FakeSession(), card("embedder")),
    )


async def test_pairs_are_one_query_with_all_or_each_with_its_own() -> None:
    async with both() as door:
        for model in ("cross", "embedder"):
            one = await door.score(["q"], ["a", "b"], model=model, raw_scores=True)
            each = await door.score(["q", "q"], ["a", "b"], model=model, raw_scores=True)
            assert one.scores.tolist() == each.scores.tolist()
            with pytest.raises(InvalidRequest, match="2 queries and 3 documents make no pairs"):
                await door.score(["q", "q"], ["a", "b", "c"], model=model)


@pytest.mark.parametrize("model", ["cross", "embedder"])
async def test_what_is_cut_before_texts_meet_counts_as_cut(model: str) -> None:
    asked = Truncation(query_tokens=2, document_tokens=3)
    async with both() as door:
        cut = await door.score(["abc", "d"], ["efghi", "jkl"], model=model, truncation=asked)
        short = await door.score(["ab", "d"], ["efg", "jkl"], model=model)
        near_limit = await door.score(
            ["abc"], ["d" * 400], model=model, truncation=Truncation(None, None, 100)
        )
    assert cut.scores.tolist() == short.scores.tolist()
    assert cut.usage.cut == ((3, 0) if model == "cross" else (1, 0, 2, 0))
    assert near_limit.truncated == 1


async def test_the_side_that_is_lost_of_what_is_compared() -> None:
    session = FakeSession()
    async with engine(serve(session)) as door:
        answer = await door.rerank("query", ["abcd"], truncation=Truncation(None, "left", 3))
        ran = "".join(chr(one) for batch in session.batches for one in batch.token_ids)
    assert ran in ("erybcd", "bcdery")
    assert answer.usage.cut == (len("q: query") - 3, 1)


async def test_kinds_are_asked_of_a_model_that_gives_them() -> None:
    async with both() as door:
        only = await door.represent(["ab"], ["dense"])
        assert (only.model, only.sparse, only.token_vectors) == ("embedder", None, None)
        with pytest.raises(WrongTask, match="no served model can make sparse vectors"):
            await door.represent(["ab"], ["sparse"])
        with pytest.raises(
            InvalidRequest, match="embedder gives no sparse vectors; it gives dense"
        ) as refusal:
            await door.represent(["ab"], ("sparse", "dense"))
    assert refusal.value.param == "outputs"
