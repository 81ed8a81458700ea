"""Entities with their words and places, as transformers' token classification pipeline finds them."""

from typing import Any, get_args

import pytest

from tests.checkpoints import answers
from tests.checkpoints.heads import TOKEN_CLASSIFIERS
from tests.shared import Checkpoints
from vectord.errors import TooLong
from vectord.scheduler import Aggregation, Entity, Truncation

from .serving import INPUTS, LONG, engine

TEXTS = (
    *INPUTS,
    "Zoë and O'Neil-Smith went to São Paulo, (New York) U.S.A.!",
    "naïve café ＡＢＣ ﬁne e\u0301te\u0301",
    "x\u200by",
    "  New   York  ",
)


@pytest.mark.parametrize("aggregation", get_args(Aggregation))
@pytest.mark.parametrize("family", TOKEN_CLASSIFIERS)
async def test_the_same_entities(checkpoint: Checkpoints, family: str, aggregation: Aggregation) -> None:
    path = checkpoint(family)
    async with engine(path) as door:
        answer = await door.classify_tokens(TEXTS, aggregation=aggregation)
    for text, found in zip(TEXTS, answer.found, strict=True):
        wanted = answers.entities(path, text, aggregation)
        assert [places(one) for one in found] == [wanted_places(one) for one in wanted]
        assert [one.score for one in found] == pytest.approx([one["score"] for one in wanted], abs=2e-5)
        if aggregation in ("none", "simple"):
            assert [one.word for one in found] == [one["word"] for one in wanted]
    assert answer.truncated == (family != "modernbert_ner")


def places(one: Entity) -> tuple[object, ...]:
    return one.label, one.start, one.end, one.row


def wanted_places(one: dict[str, Any]) -> tuple[object, ...]:
    return one.get("entity", one.get("entity_group")), one["start"], one["end"], one.get("index")


@pytest.mark.parametrize("family", ["roberta_ner", "modernbert_ner"])
async def test_words_are_written_as_in_the_text(checkpoint: Checkpoints, family: str) -> None:
    """transformers decodes words twice, after which letters with accents are lost."""
    text = "Où est la bibliothèque ? Elle est près de la gare."
    async with engine(checkpoint(family)) as door:
        [found] = (await door.classify_tokens([text], aggregation="average")).found
    assert found
    assert [one.word.strip() for one in found] == [text[one.start : one.end].strip() for one in found]


async def test_a_text_over_the_limit_may_be_refused(checkpoint: Checkpoints) -> None:
    async with engine(checkpoint("bert_ner")) as door:
        with pytest.raises(TooLong):
            await door.classify_tokens([LONG], truncation=Truncation(False))
