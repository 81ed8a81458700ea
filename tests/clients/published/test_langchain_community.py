"""LangChain's InfinityEmbeddings, JinaEmbeddings and JinaRerank."""

from typing import Any

import pytest

from .plain import DOCUMENTS, KEY, MANY, MODEL, QUERY, TEXTS, WRONG_KEY, Target, lacking, ranks, same

lacking("langchain_community")
infinity = lacking("langchain_community.embeddings.infinity")
jina = lacking("langchain_community.embeddings.jina")
jina_rerank = lacking("langchain_community.document_compressors.jina_rerank")

CLIENT = "langchain-community"
ROUTES = ("POST /embeddings", "POST /v1/embeddings", "POST /v1/rerank")


def at(monkeypatch: pytest.MonkeyPatch, target: Target) -> None:
    """These two know no other address than their own."""
    monkeypatch.setattr(jina, "JINA_API_URL", f"{target.v1}/embeddings")
    monkeypatch.setattr(jina_rerank, "JINA_API_URL", f"{target.v1}/rerank")


@pytest.mark.parametrize("prefix", ["", "/v1"])
async def test_infinity(server: Target, prefix: str) -> None:
    client = infinity.InfinityEmbeddings(model=MODEL, infinity_api_url=server.url + prefix)
    same(client.embed_documents(MANY), server.vectors(MANY))
    same(await client.aembed_documents(TEXTS), server.vectors(TEXTS))
    same(client.embed_query(QUERY), server.vectors([QUERY])[0])


def test_infinity_has_no_key(guarded: Target) -> None:
    client = infinity.InfinityEmbeddings(model=MODEL, infinity_api_url=guarded.url)
    with pytest.raises(Exception, match=r"status 401: .*Incorrect API key provided"):
        client.embed_query("a")


def test_jina_embeddings(server: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, server)
    client = jina.JinaEmbeddings(model_name=MODEL, jina_api_key="unused")
    same(client.embed_documents(TEXTS), server.vectors(TEXTS))


@pytest.mark.parametrize("top_n", [None, 2])
def test_jina_rerank(server: Target, monkeypatch: pytest.MonkeyPatch, top_n: int | None) -> None:
    at(monkeypatch, server)
    client = jina_rerank.JinaRerank(model=MODEL, jina_api_key="unused")
    found = client.rerank(DOCUMENTS, QUERY, top_n=top_n)
    ranks([(one["index"], one["relevance_score"]) for one in found], server.scores(), top_n)


def reranked(key: str, model: str) -> Any:
    return jina_rerank.JinaRerank(model=model, jina_api_key=key).rerank(DOCUMENTS, QUERY)


def test_jina_tells_the_servers_reason(guarded: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, guarded)
    with pytest.raises(RuntimeError, match="no-such"):
        reranked(KEY, "no-such")
    with pytest.raises(RuntimeError, match="Incorrect API key provided"):
        reranked(WRONG_KEY, MODEL)
