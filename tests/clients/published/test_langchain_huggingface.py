"""LangChain's HuggingFaceEndpointEmbeddings, which posts to the bare URL."""

from typing import Any

import pytest

from .plain import KEY, QUERY, TEXTS, WRONG_KEY, Target, lacking, same

Embeddings = lacking("langchain_huggingface").HuggingFaceEndpointEmbeddings
errors = lacking("huggingface_hub.errors")

CLIENT = "langchain-huggingface"
ROUTES = ("POST /",)


def embedder(target: Target, key: str = KEY, **more: Any) -> Any:
    return Embeddings(model=target.url, huggingfacehub_api_token=key, **more)


async def test_documents_and_queries(server: Target) -> None:
    client = embedder(server)
    same(client.embed_documents(TEXTS), server.vectors(TEXTS))
    same(await client.aembed_documents(TEXTS), server.vectors(TEXTS))
    same(client.embed_query(QUERY), server.vectors([QUERY])[0])
    same(await client.aembed_query(QUERY), server.vectors([QUERY])[0])


def test_what_it_passes_on(server: Target) -> None:
    more = {"normalize": True, "truncate": True, "truncation_direction": "right"}
    same(embedder(server, model_kwargs=more).embed_documents(TEXTS), server.vectors(TEXTS))


def test_errors_are_the_hubs(server: Target, guarded: Target) -> None:
    with pytest.raises(errors.HfHubHTTPError) as caught:
        embedder(server, model_kwargs={"prompt_name": "no-such"}).embed_query("a")
    assert caught.value.response.status_code == 422
    with pytest.raises(errors.HfHubHTTPError) as caught:
        embedder(guarded, WRONG_KEY).embed_query("a")
    assert caught.value.response.status_code == 401
    same(embedder(guarded).embed_query(QUERY), guarded.vectors([QUERY])[0])
    with pytest.raises(errors.HfHubHTTPError) as caught:
        embedder(guarded).embed_documents(["a"] * 301)
    assert caught.value.response.status_code == 422
