"""baseten_performance_client: many small requests at once, over HTTP/1.1 and HTTP/2 without TLS."""

from typing import Any

import pytest

from .plain import DOCUMENTS, KEY, MANY, MODEL, QUERY, TEXTS, WRONG_KEY, Target, lacking, ranks, same

baseten = lacking("baseten_performance_client")

CLIENT = "baseten_performance_client"
ROUTES = ("POST /predict", "POST /rerank", "POST /v1/embeddings")


@pytest.fixture(params=[1, 2], ids=["http1", "http2"])
def version(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def client(target: Target, version: int = 1, key: str = KEY) -> Any:
    return baseten.PerformanceClient(base_url=target.url, api_key=key, http_version=version)


async def test_embed(server: Target, version: int) -> None:
    asked = client(server, version)
    same(asked.embed(input=TEXTS, model=MODEL).numpy(), server.vectors(TEXTS))
    same((await asked.async_embed(input=TEXTS, model=MODEL)).numpy(), server.vectors(TEXTS))


def test_many_at_once(server: Target, version: int) -> None:
    few = baseten.RequestProcessingPreference(batch_size=2, max_concurrent_requests=128)
    found = client(server, version).embed(input=MANY, model=MODEL, preference=few)
    same(found.numpy(), server.vectors(MANY))
    assert [one.index for one in found.data] == list(range(len(MANY)))


async def test_rerank(server: Target, version: int) -> None:
    """Each batch of 8 is ranked alone, and the answers are put together by score."""
    asked = client(server, version)
    for found in (
        asked.rerank(query=QUERY, texts=DOCUMENTS, return_text=True),
        await asked.async_rerank(query=QUERY, texts=DOCUMENTS, return_text=True, truncate=True),
    ):
        ranks([(one.index, one.score) for one in found.data], server.scores())
        assert [one.text for one in found.data] == [DOCUMENTS[one.index] for one in found.data]


async def test_classify(several: Target, version: int) -> None:
    expected = several.post("/predict", inputs=[[text] for text in TEXTS], model="labels")
    asked = client(several, version)
    for found in (
        asked.classify(inputs=TEXTS, model="labels", truncate=True),
        await asked.async_classify(inputs=TEXTS, model="labels", truncate=True),
    ):
        for row, right in zip(found.data, expected, strict=True):
            assert [one.label for one in row] == [one["label"] for one in right]
            same([one.score for one in row], [one["score"] for one in right])


def test_batch_post(server: Target, version: int) -> None:
    bodies = [{"input": text, "model": MODEL, "encoding_format": "float"} for text in TEXTS]
    found = client(server, version).batch_post(url_path="/v1/embeddings", payloads=bodies)
    same([one["data"][0]["embedding"] for one in found.data], server.vectors(TEXTS))
    assert all(one["x-request-id"] for one in found.response_headers)


def test_errors_carry_the_status(server: Target, guarded: Target, version: int) -> None:
    with pytest.raises(Exception, match="404"):
        client(server, version).embed(input=["a"], model="no-such")
    with pytest.raises(Exception, match="401"):
        client(guarded, version, WRONG_KEY).embed(input=["a"], model=MODEL)
    same(client(guarded, version).embed(input=[QUERY], model=MODEL).numpy(), guarded.vectors([QUERY]))
