"""LangChain's OpenAIEmbeddings at its defaults: it sends token ids of OpenAI's vocabulary."""

from typing import Any

import pytest

from .plain import ALIAS, KEY, MANY, MODEL, QUERY, TEXTS, WRONG_KEY, Target, lacking, same

OpenAIEmbeddings = lacking("langchain_openai").OpenAIEmbeddings
openai = lacking("openai")

CLIENT = "langchain-openai"
ROUTES = ("POST /v1/embeddings",)


def embedder(url: str, **more: Any) -> Any:
    return OpenAIEmbeddings(
        **{"model": MODEL, "base_url": url, "api_key": "unused", "max_retries": 0, **more}
    )


@pytest.mark.parametrize("checked", [True, False], ids=["ids", "texts"])
@pytest.mark.parametrize("model", [MODEL, ALIAS])
async def test_ids_and_texts_are_the_plain_floats(server: Target, model: str, checked: bool) -> None:
    client = embedder(server.v1, model=model, check_embedding_ctx_length=checked)
    same(client.embed_documents(TEXTS), server.vectors(TEXTS))
    same(await client.aembed_documents(TEXTS), server.vectors(TEXTS))
    same(client.embed_query(QUERY), server.vectors([QUERY])[0])
    same(await client.aembed_query(QUERY), server.vectors([QUERY])[0])


def test_many_in_chunks(server: Target) -> None:
    same(embedder(server.v1, chunk_size=64).embed_documents(MANY), server.vectors(MANY))


def test_dimensions(server: Target) -> None:
    found = embedder(server.v1, dimensions=64).embed_documents(TEXTS)
    same(found, server.vectors(TEXTS, dimensions=64))


def test_errors_are_openais(server: Target, guarded: Target) -> None:
    with pytest.raises(openai.NotFoundError):
        embedder(server.v1, model="no-such").embed_query("a")
    with pytest.raises(openai.AuthenticationError):
        embedder(guarded.v1, api_key=WRONG_KEY).embed_query("a")
    texts = embedder(guarded.v1, api_key=KEY, check_embedding_ctx_length=False)
    same(texts.embed_query(QUERY), guarded.vectors([QUERY])[0])
    with pytest.raises(openai.BadRequestError):
        texts.embed_documents(["a"] * 301)
