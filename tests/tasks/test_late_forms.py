"""What the settings of a ColBERT model may say beside the usual, with the answers of MultiVectorEncoder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.checkpoints import Style, answers
from tests.models.editing import GONE, edit
from tests.shared import Checkpoints
from vectord.scheduler import Prompt

from .serving import INPUTS, engine, near

QUERIES = ("fox", "how do vector search engines work", " ".join(INPUTS[:9]))
Change = Callable[[Path], Any]
SETTINGS, TRANSFORMER = "config_sentence_transformers.json", "sentence_bert_config.json"


def said(file: str, **changes: Any) -> Change:
    return lambda path: edit(path / file, changes)


def filled(**expansion: Any) -> dict[str, Any]:
    return {"strategy": "fixed", "attend": False, "token": None, "length": 32, **expansion}


FORMS: dict[str, tuple[str, Style, Change]] = {
    "Stanford's without its settings": (
        "bert_colbert",
        "published",
        said("artifact.metadata", query_maxlen=GONE, query_token_id=GONE, doc_token_id=None),
    ),
    "Stanford's that sees its fill and skips nothing": (
        "bert_colbert",
        "published",
        said("artifact.metadata", attend_to_mask_tokens=True, mask_punctuation=False, doc_maxlen=40),
    ),
    "PyLate's that does not fill": ("bert_pylate", "published", said(SETTINGS, do_query_expansion=False)),
    "PyLate's before its class was named": ("bert_pylate", "published", said(SETTINGS, model_type=GONE)),
    "PyLate's without markers": (
        "bert_pylate",
        "published",
        said(SETTINGS, query_prefix="", document_prefix=""),
    ),
    "PyLate's that skips words": (
        "modernbert_pylate",
        "published",
        said(SETTINGS, skiplist_words=["a", ",", "no such word"], document_length=50),
    ),
    "PyLate's with prompts": (
        "bert_pylate",
        "published",
        said(SETTINGS, prompts={"query": "search the ", "document": "text of "}),
    ),
    "one that cuts queries and does not fill": (
        "bert_colbert",
        "resaved",
        said(TRANSFORMER, query_expansion=GONE, query_length=12),
    ),
    "one that fills short queries and keeps long ones": (
        "bert_colbert",
        "resaved",
        said(TRANSFORMER, query_expansion=filled(strategy="min", length=20), query_length=40),
    ),
    "one that fills with another token": (
        "bert_colbert",
        "resaved",
        said(TRANSFORMER, query_expansion=filled(token="[SEP]", attend=True, length=16)),
    ),
    "one without limits of its own": (
        "bert_colbert",
        "resaved",
        said(TRANSFORMER, query_expansion=GONE, document_length=GONE),
    ),
}


@pytest.mark.parametrize("form", FORMS)
async def test_the_same_vectors(checkpoint: Checkpoints, tmp_path: Path, form: str) -> None:
    family, style, change = FORMS[form]
    path = checkpoint.copy(family, tmp_path / "copy", style=style)
    change(path)
    queries, documents, _ = answers.late(path, QUERIES, INPUTS)
    async with engine(path) as door:
        asked = await door.embed_all(QUERIES, prompt=Prompt(role="query"))
        told = await door.embed_all(INPUTS)
    for rows, right in zip([*asked.vectors, *told.vectors], [*queries, *documents], strict=True):
        near(rows, right)
