"""LlamaIndex's embeddings from Text Embeddings Inference."""

from typing import Any

from .plain import KEY, MANY, QUERY, TEXTS, WRONG_KEY, Target, lacking, same

Embedding = lacking("llama_index.embeddings.text_embeddings_inference").TextEmbeddingsInference

CLIENT = "llama-index-embeddings-text-embeddings-inference"
ROUTES = ("POST /embed",)
FLAT = [text.strip() for text in TEXTS]


def embedder(target: Target, **more: Any) -> Any:
    given = {
        "model_name": "any",
        "base_url": target.url,
        "text_instruction": "",
        "query_instruction": "",
        **more,
    }
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


def test_a_key(guarded: Target) -> None:
    same(embedder(guarded, auth_token=KEY).get_query_embedding(QUERY), guarded.vectors([QUERY])[0])


def test_errors_arrive_as_teis_object(guarded: Target) -> None:
    """It looks at no status, so what it hands on is what the body says."""
    refused = embedder(guarded, auth_token=WRONG_KEY)._call_api(["a"])
    assert refused["error"].startswith("Incorrect API key provided")
    many = embedder(guarded, auth_token=KEY)._call_api(["a"] * 301)
    assert many["error_type"] == "Validation"
