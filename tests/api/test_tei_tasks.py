"""TEI's routes beside /embed: vectors of tokens, sparse vectors, labels of texts, pairs and tokens."""

from typing import Any

import httpx
import pytest

from vectord.scheduler import Truncation

from .fake import FakeEngine


@pytest.mark.parametrize(
    ("inputs", "counts"), [("a b c", [3]), (["a", "b c"], [1, 2]), ([[1, 2], [3]], [2, 1])]
)
async def test_a_vector_for_every_token(client: httpx.AsyncClient, inputs: Any, counts: list[int]) -> None:
    rows = (await client.post("/embed_all", json={"inputs": inputs})).json()
    assert [len(text) for text in rows] == counts
    assert all(len(token) == 8 for text in rows for token in text)


async def test_sparse_vectors_are_lists_of_index_and_value(client: httpx.AsyncClient) -> None:
    rows = (await client.post("/embed_sparse", json={"inputs": ["a", "a b"]})).json()
    assert rows == [
        [{"index": 1, "value": 0.5}, {"index": 7, "value": 1.0}],
        [{"index": 1, "value": 0.5}, {"index": 7, "value": 2.0}],
    ]


LOW = [{"score": 0.2, "label": "mid"}, {"score": 0.1, "label": "low"}, {"score": 0.0, "label": "pair"}]
PAIR = [{"score": 1.0, "label": "pair"}, {"score": 0.2, "label": "mid"}, {"score": 0.1, "label": "low"}]


@pytest.mark.parametrize(
    ("inputs", "wanted"),
    [
        ("a", LOW),
        (["a"], LOW),
        (["a", "b"], PAIR),
        ([["a"]], [LOW]),
        ([["a"], ["b", "c"], ["d"]], [LOW, PAIR, LOW]),
    ],
)
async def test_texts_and_pairs_and_many(client: httpx.AsyncClient, inputs: Any, wanted: Any) -> None:
    rows = (await client.post("/predict", json={"inputs": inputs})).json()
    assert rounded(rows) == wanted


def rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return {"score": round(value["score"], 6), "label": value["label"]}


async def test_entities(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    body = {"inputs": [["Ada went", "Bob"]], "aggregation_strategy": "Max"}
    rows = (await client.post("/predict_tokens", json=body)).json()
    assert rows == [
        [{"token": "Ada", "token_id": 0, "start": 0, "end": 3, "results": {"PER": 0.75}}],
        [{"token": "Bob", "token_id": 0, "start": 0, "end": 3, "results": {"PER": 0.75}}],
    ]
    assert engine.calls[-1]["aggregation"] == "max"
    rows = (await client.post("/predict_tokens", json={"inputs": "Ada"})).json()
    assert (engine.calls[-1]["aggregation"], rows[0][0]["token_id"]) == ("none", 3)


@pytest.mark.parametrize("path", ["/embed_all", "/embed_sparse", "/predict"])
async def test_options_reach_the_engine(client: httpx.AsyncClient, engine: FakeEngine, path: str) -> None:
    options = {"truncate": True, "truncation_direction": "Left", "model": "many"}
    assert (await client.post(path, json={"inputs": "a", **options})).status_code == 200
    call = engine.calls[-1]
    assert (call["truncation"], call["model"]) == (Truncation(True, "left"), "many")


WRONG: list[tuple[str, Any, int, str]] = [
    ("/embed_all", {"inputs": []}, 400, "Empty"),
    ("/embed_all", {"inputs": "a", "model": "mini"}, 424, "Backend"),
    ("/embed_sparse", {"inputs": "a", "model": "mini"}, 424, "Backend"),
    ("/embed_sparse", {"inputs": "a", "model": "gpt"}, 404, "Validation"),
    ("/predict", {"inputs": []}, 400, "Empty"),
    ("/predict", {"inputs": ["a", "b", "c"]}, 422, "Validation"),
    ("/predict", {"inputs": [["a"], ["a", "b", "c"]]}, 422, "Validation"),
    ("/predict", {"inputs": [["a"], "b"]}, 422, "Validation"),
    ("/predict", {"inputs": [[]]}, 422, "Validation"),
    ("/predict", {"inputs": [1]}, 422, "Validation"),
    ("/predict", {"inputs": {"a": 1}}, 422, "Validation"),
    ("/predict", {"inputs": [["a"]] * 2049}, 422, "Validation"),
    ("/predict", {"inputs": "x " * 9, "truncate": False}, 422, "Validation"),
    ("/predict", {"inputs": "a", "model": "cross"}, 424, "Backend"),
    ("/predict", {"inputs": "fail"}, 424, "Backend"),
    ("/predict_tokens", {"inputs": []}, 400, "Empty"),
    ("/predict_tokens", {"inputs": [[1]]}, 422, "Validation"),
    ("/predict_tokens", {"inputs": "a", "aggregation_strategy": "most"}, 422, "Validation"),
    ("/predict_tokens", {"inputs": "a", "raw_scores": True}, 422, "Validation"),
    ("/predict_tokens", {"inputs": "a", "raw_scores": 0}, 422, "Validation"),
]


@pytest.mark.parametrize(("path", "body", "status", "word"), WRONG)
async def test_errors_are_teis(
    client: httpx.AsyncClient, path: str, body: Any, status: int, word: str
) -> None:
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()["error_type"]) == (status, word)
    assert answer.json().keys() == {"error", "error_type"}
