"""Texts cut before they are compared: the answers for texts that a reference has cut."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from transformers import AutoTokenizer

from tests.checkpoints import answers
from tests.shared import Checkpoints
from vectord.core import Side
from vectord.scheduler import Truncation

from .serving import INPUTS, LONG, engine, near

QUERY = "what is the capital of france and of the other lands"
MOST = 5
FAMILIES = ["bert_rerank", "xlm_roberta_rerank", "qwen3_yes_no", "bert", "bert_colbert"]


def places(path: Path, text: str) -> list[tuple[int, int]]:
    tokenizer: Any = AutoTokenizer.from_pretrained(str(path))
    found = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    return [(int(start), int(end)) for start, end in found["offset_mapping"]]


def cut(path: Path, text: str, most: int, side: Side = "right") -> str:
    """Return the characters of a text's first tokens, or of its last."""
    found = places(path, text)
    kept = found[:most] if side == "right" else found[-most:]
    return text[kept[0][0] if side == "left" else 0 : kept[-1][1] if side == "right" else len(text)]


@pytest.mark.parametrize("family", FAMILIES)
async def test_documents_and_query_are_cut_first(checkpoint: Checkpoints, family: str) -> None:
    path = checkpoint(family)
    lengths = [len(places(path, text)) for text in INPUTS]
    shorter = [cut(path, text, MOST) for text in INPUTS]
    assert max(lengths) > MOST >= min(lengths)
    async with engine(path) as door:
        answer = await door.rerank(QUERY, INPUTS, truncation=Truncation(document_tokens=MOST))
        wanted = await door.rerank(QUERY, shorter)
        both = Truncation(query_tokens=3, document_tokens=MOST)
        answer_of_both = await door.rerank(QUERY, INPUTS, truncation=both)
        wanted_of_both = await door.rerank(cut(path, QUERY, 3), shorter)
        never = await door.rerank(QUERY, INPUTS[:3], truncation=Truncation(document_tokens=10**9))
        whole = await door.rerank(QUERY, INPUTS[:3])
    near(answer.scores, wanted.scores)
    near(answer_of_both.scores, wanted_of_both.scores)
    near(never.scores, whole.scores)
    assert (never.truncated, wanted.truncated) == (0, 0)
    assert answer.truncated == sum(length > MOST for length in lengths)
    lost = [max(0, length - MOST) for length in lengths]
    assert list(answer.usage.cut[-len(INPUTS) :]) == lost
    assert answer_of_both.truncated > answer.truncated


async def test_a_cross_encoders_is_the_references(checkpoint: Checkpoints) -> None:
    path = checkpoint("bert_rerank")
    async with engine(path) as door:
        answer = await door.rerank(QUERY, INPUTS, truncation=Truncation(document_tokens=MOST))
    near(answer.scores, answers.cross_scores(path, [(QUERY, cut(path, text, MOST)) for text in INPUTS]))


async def test_what_may_not_be_cut_may_still_be_cut_to_what_was_asked(checkpoint: Checkpoints) -> None:
    async with engine(checkpoint("bert_rerank")) as door:
        asked = Truncation(False, document_tokens=MOST)
        assert (await door.rerank("fox", [LONG, "a"], truncation=asked)).truncated == 1


@pytest.mark.parametrize("family", ["bert_rerank", "bert", "bert_colbert"])
async def test_the_side_that_is_lost(checkpoint: Checkpoints, family: str) -> None:
    path = checkpoint(family)
    async with engine(path) as door:
        ends = await door.rerank("fox", INPUTS, truncation=Truncation(None, "left", None, None, MOST))
        wanted = await door.rerank("fox", [cut(path, text, MOST, "left") for text in INPUTS])
        limited = await door.rerank("fox", [LONG], truncation=Truncation(None, "left", 20))
        other = await door.rerank("fox", [LONG], truncation=Truncation(None, "right", 20))
    near(ends.scores, wanted.scores)
    assert np.abs(limited.scores - other.scores).max() > 1e-6
    assert limited.truncated == 1
