"""TEI's routes over real checkpoints, beside the libraries that define the numbers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sentence_transformers.util import cos_sim
from tokenizers import Tokenizer

from tests.checkpoints import TEXTS, answers, reference
from tests.shared import Checkpoints
from vectord.api import Metrics, create_app
from vectord.config import Settings

from .serving import LONG, engine, near

QUERY = "what is the capital of france"


@asynccontextmanager
async def client(path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with engine(path) as door:
        app = create_app(door, Settings(), Metrics())
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://test"
        ) as opened:
            yield opened


@pytest.mark.parametrize("family", ["bert", "modernbert", "qwen3"])
async def test_similarity_is_the_cosine_of_embeddings(checkpoint: Checkpoints, family: str) -> None:
    path = checkpoint(family)
    body = {"inputs": {"source_sentence": TEXTS[4], "sentences": [*TEXTS, LONG]}}
    async with client(path) as asked:
        found = (await asked.post("/similarity", json=body)).json()
    rows = reference.embeddings(path, [TEXTS[4], *TEXTS, LONG])
    near(found, cos_sim(rows[:1], rows[1:])[0].numpy())


@pytest.mark.parametrize("family", ["bert", "modernbert", "xlm_roberta"])
async def test_tokens_are_the_tokenizers_own_and_decode_again(checkpoint: Checkpoints, family: str) -> None:
    path = checkpoint(family)
    theirs = Tokenizer.from_file(str(path / "tokenizer.json"))
    theirs.no_truncation()
    theirs.no_padding()
    texts = [*TEXTS, LONG]
    async with client(path) as asked:
        found = (await asked.post("/tokenize", json={"inputs": texts})).json()
        rows = [[token["id"] for token in text] for text in found]
        decoded = (await asked.post("/decode", json={"ids": rows})).json()
        whole = (await asked.post("/decode", json={"ids": rows, "skip_special_tokens": False})).json()
    right = theirs.encode_batch(texts)
    assert rows == [one.ids for one in right]
    assert decoded == theirs.decode_batch([one.ids for one in right])
    assert whole == theirs.decode_batch([one.ids for one in right], skip_special_tokens=False) != decoded
    for text, tokens in zip(texts, found, strict=True):
        for token in tokens:
            if not token["special"]:
                assert text.encode()[token["start"] : token["stop"]].decode() == token["text"]


async def test_info_tells_what_holds(checkpoint: Checkpoints) -> None:
    path = checkpoint("bert_classify")
    async with client(path) as asked:
        found = (await asked.get("/info")).json()
        longest = (await asked.post("/predict", json={"inputs": LONG})).headers["x-compute-tokens"]
    assert found["model_id"] == str(path)
    assert found["max_input_length"] == int(longest)
    assert list(found["model_type"]) == ["classifier"]


async def test_a_colbert_models_vectors_of_queries(checkpoint: Checkpoints) -> None:
    path = checkpoint("bert_colbert")
    async with client(path) as asked:
        found = (await asked.post("/", json={"inputs": QUERY, "prompt_name": "query"})).json()
        documents = (await asked.post("/embed_all", json={"inputs": list(TEXTS)})).json()
        wrong = await asked.post("/embed_all", json={"inputs": QUERY, "prompt_name": "nothing"})
    queries, rows, _ = answers.late(path, [QUERY], TEXTS)
    near(found[0], queries[0])
    for one, right in zip(documents, rows, strict=True):
        near(one, right)
    assert (wrong.status_code, wrong.json()["error_type"]) == (422, "Validation")
