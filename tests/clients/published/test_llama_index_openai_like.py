"""LlamaIndex's OpenAI-like embeddings."""

from typing import Any

import pytest

from .plain import KEY, MANY, MODEL, QUERY, TEXTS, WRONG_KEY, Target, lacking, same

Embedding = lacking("llama_index.embeddings.openai_like").OpenAILikeEmbedding
openai = lacking("openai")

CLIENT = "llama-index-embeddings-openai-like"
ROUTES = ("POST /v1/embeddings",)
FLAT = [" ".join(text.split()) for text in TEXTS]  # it takes whitespace for nothing


def embedder(target: Target, **more: Any) -> Any:
    given = {"model_name": MODEL, "api_base": target.v1, "api_key": KEY, "max_retries": 0, **more}
    return Embedding(**given)


async def test_texts_and_queries(server: Target) -> None:
    client = embedder(server)
    same(client.get_text_embedding_batch(FLAT), server.vectors(FLAT))
    same(await client.aget_text_embedding_batch(FLAT), server.vectors(FLAT))
    same(client.get_query_embedding(QUERY), server.vectors([QUERY])[0])
    same(await client.aget_query_embedding(QUERY), server.vectors([QUERY])[0])


def test_many_in_batches(server: Target) -> None:
    plain = [text.strip() for text in MANY]
    same(embedder(server, embed_batch_size=30).get_text_embedding_batch(plain), server.vectors(plain))


def test_dimensions(server: Target) -> None:
    found = embedder(server, dimensions=32).get_text_embedding(QUERY)
    same(found, server.vectors([QUERY], dimensions=32)[0])


def test_errors_are_openais(server: Target, guarded: Target) -> None:
    with pytest.raises(openai.NotFoundError):
        embedder(server, model_name="no-such").get_text_embedding("a")
    with pytest.raises(openai.AuthenticationError):
        embedder(guarded, api_key=WRONG_KEY).get_text_embedding("a")
    same(embedder(guarded).get_text_embedding(QUERY), guarded.vectors([QUERY])[0])
