"""POST / and /invocations do what the body or else the model is for; GET / and /ping are probes."""

from typing import Any

import httpx
import pytest

from .fake import FakeEngine, card

SIMILAR = {"inputs": {"source_sentence": "a", "sentences": ["b"]}, "parameters": {}}
RANK = {"query": "ab", "texts": ["c", "a"], "raw_scores": True}


@pytest.mark.parametrize("path", ["/", "/invocations"])
@pytest.mark.parametrize(
    ("body", "same"),
    [
        ({"inputs": "a"}, "/embed"),
        ({"inputs": ["a", [1]], "dimensions": 2, "texts": None}, "/embed"),
        (SIMILAR, "/similarity"),
        ({"inputs": "a", "model": "org/mini"}, "/embed"),
    ],
)
async def test_the_body_is_answered_as_on_its_route(
    client: httpx.AsyncClient, path: str, body: Any, same: str
) -> None:
    answer, wanted = await client.post(path, json=body), await client.post(same, json=body)
    assert (answer.status_code, answer.text) == (200, wanted.text)
    assert answer.headers["x-compute-tokens"] == wanted.headers["x-compute-tokens"]


async def test_one_string_gives_a_list_of_one(client: httpx.AsyncClient) -> None:
    [row] = (await client.post("/", json={"inputs": "a"})).json()
    assert len(row) == 8


async def test_texts_are_ranked_by_a_reranker(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    answer = await client.post("/", json=RANK)
    assert answer.text == '[{"index":1,"score":1.0},{"index":0,"score":0.0}]'
    assert engine.calls[-1]["model"] == "cross"
    answer = await client.post("/", json={**RANK, "return_text": True})
    assert answer.text == '[{"index":1,"text":"a","score":1.0},{"index":0,"text":"c","score":0.0}]'


NATIVE: list[tuple[tuple[Any, ...], str]] = [
    (("embed_all",), "/embed_all"),
    (("sparse",), "/embed_sparse"),
    (("classify",), "/predict"),
    (("rerank", "classify"), "/predict"),
    (("token_classify",), "/predict_tokens"),
]


@pytest.mark.parametrize(("tasks", "same"), NATIVE)
async def test_the_model_decides_where_the_body_does_not(
    client: httpx.AsyncClient, engine: FakeEngine, tasks: tuple[Any, ...], same: str
) -> None:
    engine.served[2].card = card("many", *tasks)
    body = {"inputs": "a", "model": "many"}
    answer, wanted = await client.post("/", json=body), await client.post(same, json=body)
    assert (answer.status_code, answer.text) == (200, wanted.text)
    by_header = await client.post("/", json={"inputs": "a"}, headers={"x-vectord-model": "many"})
    assert by_header.text == wanted.text


WRONG: list[tuple[Any, int, str]] = [
    ([], 422, "Validation"),
    ("a", 422, "Validation"),
    ({}, 422, "Validation"),
    ({"inputs": None}, 422, "Validation"),
    ({"inputs": []}, 400, "Empty"),
    ({"inputs": {}}, 422, "Validation"),
    ({"inputs": "a", "model": 1}, 422, "Validation"),
    ({"inputs": "a", "model": "gpt"}, 404, "Validation"),
    ({"query": "q", "texts": []}, 400, "Empty"),
    ({"query": "", "texts": ["a"]}, 400, "Empty"),
    ({"query": None, "texts": ["a"]}, 422, "Validation"),
    ({"query": "q", "texts": "a"}, 422, "Validation"),
    ({"query": "q", "texts": ["a"] * 2049}, 422, "Validation"),
    ({"query": "q", "texts": ["a"], "model": "many"}, 424, "Backend"),
    ({"model": "cross"}, 422, "Validation"),
    ({"inputs": "a", "model": "cross"}, 424, "Backend"),
]


@pytest.mark.parametrize(("body", "status", "word"), WRONG)
async def test_errors_are_teis(client: httpx.AsyncClient, body: Any, status: int, word: str) -> None:
    answer = await client.post("/", json=body)
    assert (answer.status_code, answer.json()["error_type"]) == (status, word)
    assert answer.json().keys() == {"error", "error_type"}


async def test_broken_json_is_400(client: httpx.AsyncClient) -> None:
    for path in ("/", "/vertex"):
        answer = await client.post(path, content=b"{")
        assert (answer.status_code, answer.json()["error_type"]) == (400, "Validation")


@pytest.mark.parametrize("path", ["/", "/ping"])
async def test_probes(client: httpx.AsyncClient, engine: FakeEngine, path: str) -> None:
    assert (await client.get(path)).status_code == 200
    engine.ready = False
    assert (await client.get(path)).status_code == 503


async def test_a_wrong_method_is_told_all_methods(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert answer.json()["error_type"] == "Validation"


async def test_only_probes_go_without_a_key(client_with: Any) -> None:
    async with client_with(api_key="key-1") as client:
        for path in ("/", "/ping"):
            assert (await client.get(path)).status_code == (await client.head(path)).status_code == 200
        for path in ("/", "/invocations", "/vertex", "/tokenize"):
            answer = await client.post(path, json={"inputs": "a"})
            assert (answer.status_code, answer.json().keys()) == (401, {"error", "error_type"})
        assert (await client.get("/info")).status_code == 401
