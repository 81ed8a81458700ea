"""infinity_client: the client that infinity's own description generates."""

from http import HTTPStatus
from typing import Any

import pytest

from .plain import DOCUMENTS, KEY, MODEL, QUERY, TEXTS, WRONG_KEY, Target, lacking, ranks, same

infinity = lacking("infinity_client")
shapes = lacking("infinity_client.models")
embeddings = lacking("infinity_client.api.default.embeddings")
reranking = lacking("infinity_client.api.default.rerank")
classifying = lacking("infinity_client.api.default.classify")
listing = lacking("infinity_client.api.default.models")
health = lacking("infinity_client.api.default.health")

CLIENT = "infinity_client"
ROUTES = ("POST /embeddings", "POST /rerank", "POST /classify", "GET /models", "GET /health")


@pytest.fixture
def client(server: Target) -> Any:
    return infinity.Client(base_url=server.url)


@pytest.mark.parametrize("named", [{}, {"model": MODEL}], ids=["default", "named"])
async def test_embeddings(server: Target, client: Any, named: dict[str, str]) -> None:
    asked = shapes.OpenAIEmbeddingInputText(input_=TEXTS, **named)
    found = embeddings.sync(client=client, body=asked)
    same([one.embedding for one in found.data], server.vectors(TEXTS))
    there = await embeddings.asyncio(client=client, body=asked)
    same([one.embedding for one in there.data], server.vectors(TEXTS))


def test_dimensions(server: Target, client: Any) -> None:
    asked = shapes.OpenAIEmbeddingInputText(input_=TEXTS, model=MODEL, dimensions=64)
    found = embeddings.sync(client=client, body=asked)
    same([one.embedding for one in found.data], server.vectors(TEXTS, dimensions=64))


@pytest.mark.parametrize("top_n", [None, 2])
async def test_rerank(server: Target, client: Any, top_n: int | None) -> None:
    asked = shapes.RerankInput(query=QUERY, documents=DOCUMENTS, top_n=top_n, return_documents=True)
    for found in (
        reranking.sync(client=client, body=asked),
        await reranking.asyncio(client=client, body=asked),
    ):
        ranks([(one.index, one.relevance_score) for one in found.results], server.scores(), top_n)
        assert found.usage.total_tokens > 0


def test_classify(several: Target) -> None:
    client = infinity.Client(base_url=several.url)
    found = classifying.sync(client=client, body=shapes.ClassifyInput(input_=TEXTS, model="labels"))
    expected = several.post("/predict", inputs=[[text] for text in TEXTS], model="labels")
    for row, right in zip(found.data, expected, strict=True):
        assert [one.label for one in row] == [one["label"] for one in right]
        same([one.score for one in row], [one["score"] for one in right])


def test_models_and_health(client: Any) -> None:
    found = listing.sync(client=client)
    assert found.data[0].id == MODEL
    assert "embed" in found.data[0].capabilities
    assert found.data[0].stats.additional_properties.keys() >= {"queue_fraction", "results_pending"}
    assert health.sync_detailed(client=client).status_code == HTTPStatus.OK


def test_refusals(client: Any, guarded: Target) -> None:
    unknown = shapes.OpenAIEmbeddingInputText(input_=["a"], model="no-such")
    assert embeddings.sync_detailed(client=client, body=unknown).status_code == HTTPStatus.NOT_FOUND
    asked = shapes.OpenAIEmbeddingInputText(input_=[QUERY])
    wrong = infinity.AuthenticatedClient(base_url=guarded.url, token=WRONG_KEY)
    assert embeddings.sync_detailed(client=wrong, body=asked).status_code == HTTPStatus.UNAUTHORIZED
    right = infinity.AuthenticatedClient(base_url=guarded.url, token=KEY)
    same(embeddings.sync(client=right, body=asked).data[0].embedding, guarded.vectors([QUERY])[0])
