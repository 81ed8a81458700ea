"""litellm: embedding and rerank through every provider of its whose protocol is served."""

from typing import Any

import pytest

from .plain import ALIAS, DOCUMENTS, KEY, MODEL, QUERY, TEXTS, WRONG_KEY, Target, lacking, ranks, same

litellm = lacking("litellm")

CLIENT = "litellm"
ROUTES = (
    "POST /embed",
    "POST /embeddings",
    "POST /rerank",
    "POST /v1/embeddings",
    "POST /v1/rerank",
    "POST /v2/embed",
    "POST /v2/rerank",
)
EMBED = {
    "openai": "/v1",
    "hosted_vllm": "/v1",
    "infinity": "",
    "jina_ai": "/v1",
    "voyage": "/v1",
    "cohere": "/v2/embed",
    "huggingface": "/embed",
}
RERANK = {"cohere": "", "jina_ai": "", "hosted_vllm": "", "infinity": "", "huggingface": "", "voyage": ""}
MORE = {"huggingface": {"input_type": "feature-extraction"}, "cohere": {"input_type": "search_document"}}


def embed(provider: str, target: Target, texts: Any, key: str = KEY, **more: Any) -> dict[str, Any]:
    return {
        "model": f"{provider}/{MODEL}",
        "input": texts,
        "api_base": target.url + EMBED[provider],
        "api_key": key,
        "num_retries": 0,
        **MORE.get(provider, {}),
        **more,
    }


def rerank(provider: str, target: Target, documents: Any = DOCUMENTS, key: str = KEY, **more: Any) -> Any:
    return {
        "model": f"{provider}/{MODEL}",
        "query": QUERY,
        "documents": documents,
        "api_base": target.url + RERANK[provider],
        "api_key": key,
        **more,
    }


def rows(answer: Any) -> list[Any]:
    return [one["embedding"] for one in answer.data]


def pairs(answer: Any) -> list[tuple[int, float]]:
    return [(one["index"], one["relevance_score"]) for one in answer.results]


@pytest.mark.parametrize("provider", EMBED)
async def test_embedding(server: Target, provider: str) -> None:
    same(rows(litellm.embedding(**embed(provider, server, TEXTS))), server.vectors(TEXTS))
    same(rows(await litellm.aembedding(**embed(provider, server, TEXTS))), server.vectors(TEXTS))


@pytest.mark.parametrize("provider", ["openai", "infinity", "jina_ai", "voyage"])
def test_dimensions(server: Target, provider: str) -> None:
    asked = embed(provider, server, TEXTS, dimensions=64)
    if provider == "openai":  # it knows the models that OpenAI has
        asked["model"] = f"openai/{ALIAS}"
    found = rows(litellm.embedding(**asked))
    same(found, server.vectors(TEXTS, dimensions=64))


@pytest.mark.parametrize("provider", RERANK)
async def test_rerank(server: Target, provider: str) -> None:
    expected = server.scores()
    # litellm asks for documents by itself; its infinity alone takes no {text} for one
    more: dict[str, Any] = {"return_documents": False} if provider == "infinity" else {}
    ranks(pairs(litellm.rerank(**rerank(provider, server, **more))), expected)
    ranks(pairs(await litellm.arerank(**rerank(provider, server, **more))), expected)


@pytest.mark.parametrize("provider", sorted(RERANK.keys() - {"infinity"}))
def test_rerank_of_the_best_with_their_texts(server: Target, provider: str) -> None:
    answer = litellm.rerank(**rerank(provider, server, top_n=2, return_documents=True))
    ranks(pairs(answer)[:2], server.scores(), 2)
    for one in answer.results:
        document = one.get("document")
        assert document is None or document["text"] == DOCUMENTS[one["index"]]


@pytest.mark.parametrize("provider", ["openai", "hosted_vllm", "cohere", "voyage", "jina_ai", "infinity"])
def test_an_unknown_model(server: Target, provider: str) -> None:
    asked = {**embed(provider, server, ["a"]), "model": f"{provider}/no-such"}
    with pytest.raises(
        (litellm.NotFoundError, litellm.APIConnectionError, litellm.BadRequestError)
    ) as caught:
        litellm.embedding(**asked)
    assert "no-such" in str(caught.value)


def test_openai_errors_have_their_class(server: Target, guarded: Target) -> None:
    with pytest.raises(litellm.NotFoundError):
        litellm.embedding(**{**embed("openai", server, ["a"]), "model": "openai/no-such"})
    with pytest.raises(litellm.BadRequestError):
        litellm.embedding(**embed("openai", server, ["a", ""]))
    with pytest.raises(litellm.AuthenticationError):
        litellm.embedding(**embed("openai", guarded, ["a"], WRONG_KEY))
    with pytest.raises(litellm.BadRequestError):
        litellm.embedding(**embed("openai", guarded, ["a"] * 301))
    same(rows(litellm.embedding(**embed("openai", guarded, TEXTS))), guarded.vectors(TEXTS))
