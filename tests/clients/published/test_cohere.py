"""Cohere's SDK, version 1 and 2 of its protocol, sync and async."""

from typing import Any

import numpy as np
import pytest

from .plain import DOCUMENTS, KEY, MANY, MODEL, QUERY, TEXTS, WRONG_KEY, Target, lacking, ranks, same

cohere = lacking("cohere")

CLIENT = "cohere (Python)"
ROUTES = ("POST /v1/embed", "POST /v1/rerank", "POST /v2/embed", "POST /v2/rerank")
TYPES = ["float", "int8", "uint8", "binary", "ubinary"]


@pytest.fixture(params=["Client", "ClientV2"])
def client(request: pytest.FixtureRequest, server: Target) -> Any:
    return getattr(cohere, request.param)("unused", base_url=server.url)


def asynchronous(kind: str, target: Target) -> Any:
    return getattr(cohere, f"Async{kind}")("unused", base_url=target.url)


@pytest.mark.parametrize("top_n", [None, 2])
def test_rerank(server: Target, client: Any, top_n: int | None) -> None:
    given = {} if top_n is None else {"top_n": top_n}
    answer = client.rerank(model=MODEL, query=QUERY, documents=DOCUMENTS, **given)
    ranks([(one.index, one.relevance_score) for one in answer.results], server.scores(), top_n)
    assert answer.id
    assert answer.meta.billed_units.search_units == 1


@pytest.mark.parametrize("kind", ["Client", "ClientV2"])
async def test_rerank_async(server: Target, kind: str) -> None:
    async with asynchronous(kind, server) as client:
        answer = await client.rerank(model=MODEL, query=QUERY, documents=DOCUMENTS)
    ranks([(one.index, one.relevance_score) for one in answer.results], server.scores())


def test_documents_come_back_in_version_1(server: Target) -> None:
    client = cohere.Client("unused", base_url=server.url)
    documents = [{"text": text, "title": "x"} for text in DOCUMENTS]
    answer = client.rerank(
        model=MODEL, query=QUERY, documents=documents, rank_fields=["text"], return_documents=True
    )
    ranks([(one.index, one.relevance_score) for one in answer.results], server.scores())
    assert [one.document.text for one in answer.results] == [DOCUMENTS[one.index] for one in answer.results]


def test_long_documents_are_cut_where_asked(server: Target) -> None:
    client = cohere.ClientV2("unused", base_url=server.url)
    words = [f"{document} {'bananas ' * 200}" for document in DOCUMENTS]
    answer = client.rerank(model=MODEL, query=QUERY, documents=words, max_tokens_per_doc=14)
    assert answer.results[0].index == 2


@pytest.mark.parametrize("kind", ["Client", "ClientV2"])
async def test_embed(server: Target, kind: str) -> None:
    def floats(answer: Any) -> Any:
        found = answer.embeddings
        return found if isinstance(found, list) else found.float_

    given = {"embedding_types": ["float"]} if kind == "ClientV2" else {}
    body = {"texts": TEXTS, "model": MODEL, "input_type": "search_document", **given}
    answer = getattr(cohere, kind)("unused", base_url=server.url).embed(**body)
    same(floats(answer), server.vectors(TEXTS))
    assert answer.meta.billed_units.input_tokens > len(TEXTS)
    async with asynchronous(kind, server) as client:
        same(floats(await client.embed(**body)), server.vectors(TEXTS))


def test_many_texts(server: Target, client: Any) -> None:
    """Version 1 sends 96 at a time and puts the answers together; version 2 sends all at once."""
    answer = client.embed(texts=MANY, model=MODEL, input_type="search_query", embedding_types=["float"])
    same(answer.embeddings.float_, server.vectors(MANY))


def test_other_precisions(server: Target, client: Any) -> None:
    answer = client.embed(texts=TEXTS, model=MODEL, input_type="clustering", embedding_types=TYPES)
    expected = server.vectors(TEXTS)
    same(answer.embeddings.float_, expected)
    bits = np.packbits(expected >= 0, axis=1)
    found = np.array(answer.embeddings.ubinary)
    assert found.shape == bits.shape
    assert np.unpackbits((found ^ bits).astype(np.uint8)).sum() <= 2  # values next to zero
    assert (np.array(answer.embeddings.binary) == found.astype(int) - 128).all()
    eight = np.array(answer.embeddings.int8, dtype=np.float64)
    assert -128 <= eight.min() < 0 < eight.max() <= 127
    cosine = (eight * expected).sum(axis=1) / np.linalg.norm(eight, axis=1)
    assert cosine.min() > 0.99
    assert (np.array(answer.embeddings.uint8) == eight + 128).all()


def test_dimensions_and_truncation_in_version_2(server: Target) -> None:
    client = cohere.ClientV2("unused", base_url=server.url)
    body = {"texts": TEXTS, "model": MODEL, "input_type": "search_query", "embedding_types": ["float"]}
    cut = client.embed(**body, output_dimension=64)
    same(cut.embeddings.float_, server.vectors(TEXTS, dimensions=64))
    same(client.embed(**body, truncate="END").embeddings.float_, server.vectors(TEXTS))
    with pytest.raises(cohere.BadRequestError):
        client.embed(**{**body, "texts": ["word " * 2000]}, truncate="NONE")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("NotFoundError", {"model": "no-such"}),
        ("BadRequestError", {"documents": []}),
        ("BadRequestError", {"top_n": -1}),
        ("BadRequestError", {"documents": ["a"] * 2049}),
    ],
)
def test_errors_have_their_class(client: Any, kind: str, body: dict[str, Any]) -> None:
    with pytest.raises(getattr(cohere, kind)) as caught:
        client.rerank(**{"model": MODEL, "query": QUERY, "documents": DOCUMENTS, **body})
    assert caught.value.body["message"]


def test_embeds_errors_have_their_class(client: Any) -> None:
    given = {"input_type": "search_query", "embedding_types": ["float"]}
    with pytest.raises(cohere.NotFoundError):
        client.embed(texts=["a"], model="no-such", **given)
    with pytest.raises(cohere.BadRequestError):
        client.embed(texts=["a", ""], model=MODEL, **given)


@pytest.mark.parametrize("kind", ["Client", "ClientV2"])
def test_a_key_is_asked_for(guarded: Target, kind: str) -> None:
    body = {"model": MODEL, "query": QUERY, "documents": DOCUMENTS}
    with pytest.raises(cohere.UnauthorizedError):
        getattr(cohere, kind)(WRONG_KEY, base_url=guarded.url).rerank(**body)
    answer = getattr(cohere, kind)(KEY, base_url=guarded.url).rerank(**body)
    assert answer.results[0].index == 2
