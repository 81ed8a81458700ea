"""LangChain's CohereRerank and CohereEmbeddings."""

from typing import Any

import pytest

from .plain import BEST, DOCUMENTS, KEY, MODEL, QUERY, SECOND, TEXTS, WRONG_KEY, Target, lacking, ranks, same

langchain_cohere = lacking("langchain_cohere")
cohere = lacking("cohere")
Document = lacking("langchain_core.documents").Document

CLIENT = "langchain-cohere"
ROUTES = ("POST /v1/embed", "POST /v2/rerank")


def reranker(target: Target, key: str = KEY, **more: Any) -> Any:
    return langchain_cohere.CohereRerank(
        **{"model": MODEL, "base_url": target.url, "cohere_api_key": key, **more}
    )


def embedder(target: Target, key: str = KEY, **more: Any) -> Any:
    given = {"model": MODEL, "base_url": target.url, "cohere_api_key": key, "max_retries": 1, **more}
    return langchain_cohere.CohereEmbeddings(**given)


@pytest.mark.parametrize("top_n", [None, 3])
def test_rerank(server: Target, top_n: int | None) -> None:
    found = reranker(server).rerank(DOCUMENTS, QUERY, top_n=top_n)
    ranks([(one["index"], one["relevance_score"]) for one in found], server.scores(), top_n)


def test_documents_are_compressed_to_the_best(server: Target) -> None:
    documents = [Document(text, metadata={"place": place}) for place, text in enumerate(DOCUMENTS)]
    best = reranker(server, top_n=2).compress_documents(documents, QUERY)
    assert [one.metadata["place"] for one in best] == [BEST, SECOND]


def test_objects_are_ranked_as_yaml(server: Target) -> None:
    documents = [{"title": "t", "text": text} for text in DOCUMENTS]
    found = reranker(server).rerank(documents, QUERY, rank_fields=["text"], max_tokens_per_doc=64)
    assert found[0]["index"] == BEST


async def test_embed(server: Target) -> None:
    client = embedder(server)
    same(client.embed_documents(TEXTS), server.vectors(TEXTS))
    same(client.embed_query(QUERY), server.vectors([QUERY])[0])
    same(await client.aembed_documents(TEXTS), server.vectors(TEXTS))


def test_errors_are_coheres(server: Target, guarded: Target) -> None:
    with pytest.raises(cohere.NotFoundError):
        reranker(server, model="no-such").rerank(DOCUMENTS, QUERY)
    with pytest.raises(cohere.NotFoundError):
        embedder(server, model="no-such").embed_query("a")
    with pytest.raises(cohere.UnauthorizedError):
        reranker(guarded, WRONG_KEY).rerank(DOCUMENTS, QUERY)
    with pytest.raises(cohere.BadRequestError):
        reranker(guarded).rerank(["a"] * 301, QUERY)
