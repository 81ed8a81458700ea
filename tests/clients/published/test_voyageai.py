"""Voyage's SDK."""

from typing import Any

import numpy as np
import pytest

from .plain import DOCUMENTS, KEY, MODEL, QUERY, TEXTS, WRONG_KEY, Target, lacking, ranks, same

voyageai = lacking("voyageai")
errors = lacking("voyageai.error")

CLIENT = "voyageai"
ROUTES = ("POST /v1/embeddings", "POST /v1/rerank")


def client(target: Target, key: str = KEY) -> Any:
    return voyageai.Client(api_key=key, base_url=target.v1, max_retries=0)


async def test_embed(server: Target) -> None:
    for kind in ("query", "document", None):
        found = client(server).embed(TEXTS, model=MODEL, input_type=kind)
        same(found.embeddings, server.vectors(TEXTS))
        assert found.total_tokens > len(TEXTS)
    there = voyageai.AsyncClient(api_key="unused", base_url=server.v1)
    same((await there.embed(TEXTS, model=MODEL)).embeddings, server.vectors(TEXTS))


def test_dimensions_and_precisions(server: Target) -> None:
    asked = client(server)
    cut = asked.embed(TEXTS, model=MODEL, output_dimension=64)
    same(cut.embeddings, server.vectors(TEXTS, dimensions=64))
    expected = server.vectors(TEXTS)
    eight = np.array(asked.embed(TEXTS, model=MODEL, output_dtype="int8").embeddings, dtype=float)
    assert ((eight * expected).sum(axis=1) / np.linalg.norm(eight, axis=1)).min() > 0.99
    bits = np.array(asked.embed(TEXTS, model=MODEL, output_dtype="ubinary").embeddings)
    assert np.unpackbits((bits ^ np.packbits(expected >= 0, axis=1)).astype(np.uint8)).sum() <= 2
    signed = np.array(asked.embed(TEXTS, model=MODEL, output_dtype="binary").embeddings)
    assert (signed == bits.astype(int) - 128).all()


@pytest.mark.parametrize("top_k", [None, 2])
async def test_rerank(server: Target, top_k: int | None) -> None:
    there = voyageai.AsyncClient(api_key="unused", base_url=server.v1)
    for found in (
        client(server).rerank(QUERY, DOCUMENTS, model=MODEL, top_k=top_k),
        await there.rerank(QUERY, DOCUMENTS, model=MODEL, top_k=top_k),
    ):
        ranks([(one.index, one.relevance_score) for one in found.results], server.scores(), top_k)
        assert [one.document for one in found.results] == [DOCUMENTS[one.index] for one in found.results]
        assert found.total_tokens > 0


def test_errors_have_their_class(server: Target, guarded: Target) -> None:
    with pytest.raises(errors.VoyageError, match="no-such"):  # it has no class for 404
        client(server).embed(["a"], model="no-such")
    with pytest.raises(errors.AuthenticationError, match="Incorrect API key provided"):
        client(guarded, WRONG_KEY).embed(["a"], model=MODEL)
    with pytest.raises(errors.InvalidRequestError):
        client(guarded).embed(["a"] * 301, model=MODEL)
    same(client(guarded).embed([QUERY], model=MODEL).embeddings, guarded.vectors([QUERY]))
