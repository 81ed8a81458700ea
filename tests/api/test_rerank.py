from typing import Any, cast

import httpx
import pytest

from vectord.api.rerank import RerankRequest
from vectord.scheduler import Truncation

from .fake import FakeEngine

ASKED = {"query": "abc", "documents": ["xyz", "ab", "abc", "ba"]}


async def rank(client: httpx.AsyncClient, path: str = "/v1/rerank", **body: Any) -> Any:
    answer = await client.post(path, json={**ASKED, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("path", "version"), [("/rerank", "2"), ("/v1/rerank", "1"), ("/v2/rerank", "2")])
async def test_every_route_gives_the_one_answer(client: httpx.AsyncClient, path: str, version: str) -> None:
    answer = await rank(client, path)
    voyages = {"data"} if path == "/v1/rerank" else set()
    assert answer.keys() == {"id", "object", "created", "model", "results", "usage", "meta"} | voyages
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


@pytest.mark.parametrize(("top_n", "count"), [(None, 4), (0, 4), (1, 1), (4, 4), (99, 4)])
async def test_top_n_limits_the_results(client: httpx.AsyncClient, top_n: int | None, count: int) -> None:
    assert len((await rank(client, top_n=top_n))["results"]) == count


async def test_documents_come_back_only_when_asked(client: httpx.AsyncClient) -> None:
    asked = await rank(client, return_documents=True)
    assert asked["results"][0]["document"] == {"text": "abc"}
    assert "document" not in (await rank(client, return_documents=None))["results"][0]


async def test_documents_may_be_objects(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    await rank(client, documents=["a", {"text": "b", "title": "ignored"}])
    assert engine.calls[-1]["documents"] == ["a", "b"]


async def test_an_object_comes_back_as_it_was(client: httpx.AsyncClient) -> None:
    given = {"text": "b", "title": "t", "tags": ["x", 1]}
    answer = await rank(client, documents=["a", given], return_documents=True)
    assert [one["document"] for one in answer["results"]] == [{"text": "a"}, given]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (None, "body"),
        ([], "body"),
        (["text"], "body"),
        (["title"], "the title"),
        (["title", "text"], "title: the title\ntext: body"),
        (["text", "title", "none", "nothing"], "text: body\ntitle: the title"),
        (["tags", "year"], 'tags: ["ä",{"b":null}]\nyear: 1999'),
        (["year"], "1999"),
    ],
)
async def test_rank_fields_choose_what_is_read(
    client: httpx.AsyncClient, engine: FakeEngine, fields: list[str] | None, text: str
) -> None:
    given = {"text": "body", "title": "the title", "tags": ["ä", {"b": None}], "year": 1999, "none": None}
    answer = await rank(client, documents=["plain", given], rank_fields=fields, return_documents=True)
    assert engine.calls[-1]["documents"] == ["plain", text]
    assert {"text": "plain"} in [one["document"] for one in answer["results"]]
    assert given in [one["document"] for one in answer["results"]]


async def test_what_comes_back_always_has_a_text(client: httpx.AsyncClient) -> None:
    documents = [{"title": "a", "year": 1}, {"title": "a", "text": 5}]
    answer = await rank(client, documents=documents, rank_fields=["title", "year"], return_documents=True)
    returned = {one["index"]: one["document"] for one in answer["results"]}
    assert returned[0] == {"title": "a", "year": 1, "text": "title: a\nyear: 1"}
    assert returned[1] == {"title": "a", "text": "title: a"}


async def test_voyages_clients_find_their_data(client: httpx.AsyncClient) -> None:
    for path, asked in (("/v1/rerank", {}), ("/rerank", {"top_k": 2}), ("/v2/rerank", {"truncation": True})):
        answer = await rank(client, path, **asked, return_documents=True)
        assert answer["data"] == answer["results"]
        assert len(answer["data"]) == asked.get("top_k", 4)
    assert "data" not in await rank(client, "/rerank", top_k=None, truncation=None)


async def test_top_n_counts_before_top_k(client: httpx.AsyncClient) -> None:
    assert len((await rank(client, top_n=3, top_k=1))["results"]) == 3


CUT = [
    ({}, Truncation()),
    ({"truncate": True, "truncation_direction": "Left"}, Truncation(True, "left")),
    ({"truncate": "START"}, Truncation(True, "left")),
    ({"truncate": "end"}, Truncation(True, "right")),
    ({"truncate": "NONE"}, Truncation(False)),
    ({"truncation": False}, Truncation(False)),
    ({"truncate": True, "truncation": False}, Truncation(True)),
    ({"truncate_prompt_tokens": 5}, Truncation(True, None, 5)),
    ({"truncate_prompt_tokens": -1}, Truncation()),
    ({"truncate_prompt_tokens": 5, "truncate": False}, Truncation(False, None, 5)),
    ({"max_tokens_per_doc": 7, "max_tokens_per_query": 3}, Truncation(None, None, None, 3, 7)),
    ({"max_tokens_per_doc": 0, "max_tokens_per_query": None}, Truncation()),
]


@pytest.mark.parametrize(("asked", "meant"), CUT)
async def test_every_dialects_words_for_cutting(
    client: httpx.AsyncClient, engine: FakeEngine, asked: dict[str, Any], meant: Truncation
) -> None:
    await rank(client, **asked)
    assert engine.calls[-1]["truncation"] == meant


async def test_an_instruction_reaches_the_engine(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    await rank(client, instruction="judge")
    assert engine.calls[-1]["instruction"] == "judge"


@pytest.mark.parametrize("raw", [{"raw_scores": True}, {"use_activation": False}])
async def test_raw_scores_reach_the_engine(client: httpx.AsyncClient, raw: dict[str, Any]) -> None:
    assert (await rank(client, **raw))["results"][0]["relevance_score"] == 3.0


async def test_an_embedder_reranks_when_named(client: httpx.AsyncClient) -> None:
    assert (await rank(client, model="mini"))["model"] == "mini"


async def test_a_search_unit_is_a_hundred_documents(client: httpx.AsyncClient) -> None:
    answer = await rank(client, documents=["a"] * 201)
    assert answer["meta"]["billed_units"] == {"search_units": 3}


async def test_what_cohere_and_gateways_add_is_ignored(client: httpx.AsyncClient) -> None:
    await rank(client, max_chunks_per_doc=10, priority=0, top_n=None, top_k=None, user="me")
    await rank(client, model="default/not-specified")


OPTIONS = sorted(set(RerankRequest.model_fields) - {"query", "documents"})


async def test_null_means_absent(client: httpx.AsyncClient) -> None:
    plain, nulls = await rank(client), await rank(client, **cast(Any, dict.fromkeys(OPTIONS)))
    assert nulls["results"] == plain["results"]


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
        ({"documents": None}, "documents"),
        ({"documents": ["a", None]}, "documents[1]"),
        ({"documents": ["a", {"title": "b"}], "rank_fields": ["body"]}, "documents[1]"),
        ({"documents": ["a", {"title": None}], "rank_fields": ["title"]}, "documents[1]"),
        ({"documents": ["a", ["b"]], "rank_fields": ["title"]}, "documents[1]"),
        ({"rank_fields": "text"}, "rank_fields"),
        ({"rank_fields": [1]}, "rank_fields[0]"),
        ({"documents": ["a", {"text": ""}]}, "input"),
        ({"top_n": -1}, "top_n"),
        ({"top_k": -1}, "top_k"),
        ({"top_n": 2.0}, "top_n"),
        ({"max_tokens_per_doc": -1}, "max_tokens_per_doc"),
        ({"max_tokens_per_doc": "1"}, "max_tokens_per_doc"),
        ({"truncate_prompt_tokens": 0}, "truncate_prompt_tokens"),
        ({"truncate_prompt_tokens": -2}, "truncate_prompt_tokens"),
        ({"truncate": "MIDDLE"}, "truncate"),
        ({"truncate": 1}, "truncate"),
        ({"truncation_direction": "up"}, "truncation_direction"),
        ({"top_n": "1"}, "top_n"),
        ({"top_n": True}, "top_n"),
        ({"return_documents": "yes"}, "return_documents"),
    ],
)
async def test_bad_input_is_400_and_names_the_field(
    client: httpx.AsyncClient, change: dict[str, Any], param: str
) -> None:
    answer = await client.post("/v1/rerank", json={**ASKED, **change})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


async def test_an_object_that_is_too_deep_to_give_back_is_400(client: httpx.AsyncClient) -> None:
    deep = '{"text": "a", "deep": ' + "[" * 500 + "]" * 500 + "}"
    for asked, status in (
        ('"return_documents": true', 400),
        ('"rank_fields": ["deep"]', 400),
        ('"a": 1', 200),
    ):
        body = f'{{"query": "a", "documents": [{deep}], {asked}}}'
        assert (await client.post("/rerank", content=body)).status_code == status


TEIS = {"query": "abc", "texts": ["xyz", "ab", "abc", "ba"]}
DIALECTS = [
    ("/rerank", TEIS, "list", "tei"),
    ("/rerank", {**TEIS, "documents": ["a"]}, "list", "tei"),
    ("/rerank", {**ASKED, "texts": None}, "results", "openai"),
    ("/rerank", ASKED, "results", "openai"),
    ("/v1/rerank", TEIS, "list", "openai"),
    ("/v1/rerank", ASKED, "results", "openai"),
    ("/v2/rerank", ASKED, "results", "cohere"),
]
SHAPES = {
    "tei": {"error", "error_type"},
    "openai": {"error", "message", "detail"},
    "cohere": {"id", "message"},
}


@pytest.mark.parametrize(("path", "body", "shape", "failing"), DIALECTS)
async def test_the_body_tells_the_dialects_apart(
    client: httpx.AsyncClient, path: str, body: dict[str, Any], shape: str, failing: str
) -> None:
    answer = (await client.post(path, json=body)).json()
    scores = answer if shape == "list" else answer["results"]
    assert [one["index"] for one in scores] == [2, 1, 3, 0]
    for wrong in ({"query": 1}, {"query": None}, {"model": "nobody"}):
        refused = await client.post(path, json={**body, **wrong})
        assert (refused.json().keys(), refused.is_client_error) == (SHAPES[failing], True)


UNREAD = [("/rerank", "tei"), ("/v1/rerank", "openai"), ("/v2/rerank", "cohere")]


@pytest.mark.parametrize(("path", "failing"), UNREAD)
async def test_who_sent_what_cannot_be_read(client_with: Any, path: str, failing: str) -> None:
    async with client_with(payload_limit=200) as client:
        for content, status in ((b"{", 400), (b"", 400), (b"\xff", 400), (b" " * 300, 413)):
            refused = await client.post(path, content=content)
            assert (refused.status_code, refused.json().keys()) == (status, SHAPES[failing])
        for content in (b"[]", b"null", b'"a"', b"{}"):
            refused = await client.post(path, content=content)
            shape = SHAPES["openai" if path == "/rerank" else failing]
            assert (refused.status_code, refused.json().keys()) == (400, shape)
        kind = await client.post(path, content=b"a=b", headers={"content-type": "text/plain"})
        assert (kind.status_code, kind.json().keys()) == (415, SHAPES[failing])


async def test_a_wrong_key_is_told_in_openais_shape(client_with: Any) -> None:
    async with client_with(api_key="hush") as client:
        refused = await client.post("/rerank", json=TEIS)
        assert (refused.status_code, refused.json().keys()) == (401, SHAPES["openai"])
