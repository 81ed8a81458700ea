"""haystack's embedders and rankers: OpenAI's, Text Embeddings Inference's, Cohere's and Jina's."""

from typing import Any

import numpy as np
import pytest

from .plain import DOCUMENTS, KEY, MODEL, QUERY, TEXTS, WRONG_KEY, Target, lacking, ranks, same

haystack = lacking("haystack")
Secret = lacking("haystack.utils").Secret
openai = lacking("haystack.components.embedders")
tei = lacking("haystack_integrations.components.embedders.huggingface_api")
tei_ranker = lacking("haystack_integrations.components.rankers.huggingface_api")
cohere = lacking("haystack_integrations.components.embedders.cohere")
cohere_ranker = lacking("haystack_integrations.components.rankers.cohere")
jina = lacking("haystack_integrations.components.embedders.jina")
jina_ranker = lacking("haystack_integrations.components.rankers.jina")

CLIENT = "haystack"
ROUTES = (
    "POST /",
    "POST /embed_sparse",
    "POST /rerank",
    "POST /v1/embeddings",
    "POST /v1/rerank",
    "POST /v2/embed",
    "POST /v2/rerank",
)


def documents(texts: list[str]) -> list[Any]:
    return [haystack.Document(content=text, id=str(place)) for place, text in enumerate(texts)]


def ranked(found: Any, expected: Any, top_k: int | None = None) -> None:
    ranks([(int(one.id), one.score) for one in found["documents"]], expected, top_k)


def given(target: Target, key: str = KEY) -> dict[str, Any]:
    return {"api_key": Secret.from_token(key), "api_base_url": target.v1, "model": MODEL, "max_retries": 0}


async def test_openai(server: Target) -> None:
    text, many = openai.OpenAITextEmbedder(**given(server)), openai.OpenAIDocumentEmbedder(**given(server))
    same(text.run(QUERY)["embedding"], server.vectors([QUERY])[0])
    same((await text.run_async(QUERY))["embedding"], server.vectors([QUERY])[0])
    found = many.run(documents(TEXTS))["documents"]
    same([one.embedding for one in found], server.vectors(TEXTS))


def test_openai_errors(server: Target, guarded: Target) -> None:
    errors = lacking("openai")
    with pytest.raises(errors.NotFoundError):
        openai.OpenAITextEmbedder(**{**given(server), "model": "no-such"}).run("a")
    with pytest.raises(errors.AuthenticationError):
        openai.OpenAITextEmbedder(**given(guarded, WRONG_KEY)).run("a")


@pytest.mark.parametrize("normalize", [True, False])
async def test_tei(server: Target, normalize: bool) -> None:
    params = {
        "api_type": "text_embeddings_inference",
        "api_params": {"url": server.url},
        "token": None,
        "normalize": normalize,
    }
    text, many = tei.HuggingFaceAPITextEmbedder(**params), tei.HuggingFaceAPIDocumentEmbedder(**params)
    same(text.run(QUERY)["embedding"], server.vectors([QUERY])[0])
    same((await text.run_async(QUERY))["embedding"], server.vectors([QUERY])[0])
    found = many.run(documents(TEXTS))["documents"]
    same([one.embedding for one in found], server.vectors(TEXTS))


def test_tei_sparse(several: Target) -> None:
    client = tei.HuggingFaceTEISparseTextEmbedder(api_base_url=several.url, token=None)
    found = client.run(QUERY)["sparse_embedding"]
    [expected] = several.post("/embed_sparse", inputs=QUERY)
    assert found.indices == [one["index"] for one in expected]
    same(found.values, [one["value"] for one in expected])


@pytest.mark.parametrize("top_k", [2, 5])
async def test_tei_ranker(server: Target, top_k: int) -> None:
    client = tei_ranker.HuggingFaceTEIRanker(url=server.url, top_k=top_k, token=None)
    ranked(client.run(QUERY, documents(DOCUMENTS)), server.scores(), top_k)
    ranked(await client.run_async(QUERY, documents(DOCUMENTS)), server.scores(), top_k)
    raw = tei_ranker.HuggingFaceTEIRanker(url=server.url, raw_scores=True, token=None)
    ranked(raw.run(QUERY, documents(DOCUMENTS)), server.scores(raw_scores=True))


def test_tei_rankers_error_is_the_servers(guarded: Target) -> None:
    client = tei_ranker.HuggingFaceTEIRanker(
        url=guarded.url, token=Secret.from_token(WRONG_KEY), max_retries=0
    )
    with pytest.raises(Exception, match="401"):
        client.run(QUERY, documents(DOCUMENTS))
    right = tei_ranker.HuggingFaceTEIRanker(url=guarded.url, token=Secret.from_token(KEY), max_retries=0)
    with pytest.raises(Exception, match="422"):
        right.run(QUERY, documents(["a"] * 301))


def test_cohere(server: Target) -> None:
    params = {"api_key": Secret.from_token("unused"), "model": MODEL, "api_base_url": server.url}
    same(cohere.CohereTextEmbedder(**params).run(QUERY)["embedding"], server.vectors([QUERY])[0])
    found = cohere.CohereDocumentEmbedder(**params).run(documents(TEXTS))["documents"]
    same([one.embedding for one in found], server.vectors(TEXTS))
    ranker = cohere_ranker.CohereRanker(**params, top_k=3)
    ranked(ranker.run(QUERY, documents(DOCUMENTS)), server.scores(), 3)


async def test_jina(server: Target) -> None:
    params = {"api_key": Secret.from_token("unused"), "model": MODEL}
    text = jina.JinaTextEmbedder(**params, base_url=f"{server.v1}/embeddings")
    same(text.run(QUERY)["embedding"], server.vectors([QUERY])[0])
    many = jina.JinaDocumentEmbedder(**params, base_url=f"{server.v1}/embeddings", dimensions=64)
    found = [one.embedding for one in many.run(documents(TEXTS))["documents"]]
    same(found, server.vectors(TEXTS, dimensions=64))
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-5
    ranker = jina_ranker.JinaRanker(**params, base_url=f"{server.v1}/rerank")
    ranked(ranker.run(QUERY, documents(DOCUMENTS), top_k=3), server.scores(), 3)
    ranked(await ranker.run_async(QUERY, documents(DOCUMENTS)), server.scores())
