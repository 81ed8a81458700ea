from typing import Any

import httpx
import pytest

from .fake import FakeEngine

ASKED = {"query": "abc", "documents": ["xyz", "ab", "abc", "ba"]}


async def rank(client: httpx.AsyncClient, path: str = "/v1/rerank", **body: Any) -> Any:
    answer = await client.post(path, json={**ASKED, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("path", "version"), [("/rerank", "2"), ("/v1/rerank", "1"), ("/v2/rerank", "2")])
async def test_every_route_gives_the_one_answer(client: httpx.AsyncClient, path: str, version: str) -> None:
    answer = await rank(client, path)
    assert answer.keys() == {"id", "object", "model", "results", "usage", "meta"}
    assert answer["model"] == "cross"
    assert answer["meta"] == {"api_version": {"version": version}, "billed_units": {"search_units": 1}}
    assert answer["usage"] == {"prompt_tokens": 5, "total_tokens": 5, "truncated": 0}
    assert all(one.keys() == {"index", "relevance_score"} for one in answer["results"])


async def test_infinitys_client_finds_its_object(client: httpx.AsyncClient) -> None:
    assert (await rank(client))["object"] == "rerank"


async def test_best_first_and_equals_in_order(client: httpx.AsyncClient) -> None:
    results = (await rank(client))["results"]
    assert [one["index"] for one in results] == [2, 1, 3, 0]
    assert [one["relevance_score"] for one in results] == [0.03, 0.02, 0.02, 0.0]


@pytest.mark.parametrize(("top_n", "count"), [(None, 4), (1, 1), (4, 4), (99, 4)])
async def test_top_n_limits_the_results(client: httpx.AsyncClient, top_n: int | None, count: int) -> None:
    assert len((await rank(client, top_n=top_n))["results"]) == count


async def test_documents_come_back_only_when_asked(client: httpx.AsyncClient) -> None:
    asked = await rank(client, return_documents=True)
    assert asked["results"][0]["document"] == {"text": "abc"}
    assert "document" not in (await rank(client, return_documents=None))["results"][0]


async def test_documents_may_be_objects(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    await rank(client, documents=["a", {"text": "b", "title": "ignored"}])
    assert engine.calls[-1]["documents"] == ["a", "b"]


async def test_raw_scores_reach_the_engine(client: httpx.AsyncClient) -> None:
    assert (await rank(client, raw_scores=True))["results"][0]["relevance_score"] == 3.0


async def test_an_embedder_reranks_when_named(client: httpx.AsyncClient) -> None:
    assert (await rank(client, model="mini"))["model"] == "mini"


async def test_a_search_unit_is_a_hundred_documents(client: httpx.AsyncClient) -> None:
    answer = await rank(client, documents=["a"] * 201)
    assert answer["meta"]["billed_units"] == {"search_units": 3}


async def test_what_cohere_and_gateways_add_is_ignored(client: httpx.AsyncClient) -> None:
    await rank(client, max_tokens_per_doc=4096, rank_fields=["text"], priority=0, top_n=None)


async def test_cut_documents_are_told(client: httpx.AsyncClient) -> None:
    answer = await client.post("/rerank", json={"query": "a", "documents": ["x " * 9]})
    assert answer.headers["x-vectord-truncated"] == "1"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"query": None}, "query"),
        ({"query": ""}, "input"),
        ({"documents": []}, "documents"),
        ({"documents": "abc"}, "documents"),
        ({"documents": ["a", 1]}, "documents[1]"),
        ({"documents": ["a", {"title": "b"}]}, "documents[1]"),
        ({"documents": ["a", {"text": 1}]}, "documents[1]"),
        ({"documents": ["a"] * 2049}, "documents"),
        ({"top_n": 0}, "top_n"),
        ({"top_n": "1"}, "top_n"),
        ({"top_n": True}, "top_n"),
        ({"return_documents": "yes"}, "return_documents"),
    ],
)
async def test_bad_input_is_400_and_names_the_field(
    client: httpx.AsyncClient, change: dict[str, Any], param: str
) -> None:
    answer = await client.post("/v2/rerank", json={**ASKED, **change})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
