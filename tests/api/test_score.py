from typing import Any

import httpx
import pytest

from vectord.api.score import ScoreRequest
from vectord.scheduler import Truncation

from .fake import FakeEngine

QUERY, DOCUMENTS = "abc", ["xyz", "ab", "abc"]
ASKED = {"queries": QUERY, "documents": DOCUMENTS}


async def scores(client: httpx.AsyncClient, body: dict[str, Any], path: str = "/score") -> list[float]:
    answer = await client.post(path, json=body)
    assert answer.status_code == 200, answer.text
    return [one["score"] for one in answer.json()["data"]]


@pytest.mark.parametrize("path", ["/score", "/v1/score"])
async def test_vllms_answer(client: httpx.AsyncClient, path: str) -> None:
    answer = (await client.post(path, json=ASKED)).json()
    assert answer.pop("id").startswith("score-")
    assert isinstance(answer.pop("created"), int)
    assert answer == {
        "object": "list",
        "model": "cross",
        "data": [
            {"index": 0, "object": "score", "score": 0.0},
            {"index": 1, "object": "score", "score": 2.0},
            {"index": 2, "object": "score", "score": 3.0},
        ],
        "usage": {"prompt_tokens": 4, "total_tokens": 4, "truncated": 0},
    }


NAMES = [
    (one, other)
    for one in ("queries", "text_1", "data_1")
    for other in ("documents", "items", "text_2", "data_2")
]


@pytest.mark.parametrize(("one", "other"), NAMES)
async def test_every_name_of_the_two_sides(client: httpx.AsyncClient, one: str, other: str) -> None:
    assert await scores(client, {one: QUERY, other: DOCUMENTS}) == [0, 2, 3]


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("ab", "bc", [1]),
        (["ab"], ["bc"], [1]),
        ("ab", ["b", "ab"], [1, 2]),
        (["ab"], ["b", "ab"], [1, 2]),
        (["ab", "xy"], ["b", "xyz"], [1, 2]),
        ({"text": "ab"}, ["b", {"text": "ab"}], [1, 2]),
    ],
)
async def test_one_with_many_or_each_with_its_own(
    client: httpx.AsyncClient, engine: FakeEngine, one: Any, other: Any, wanted: list[float]
) -> None:
    assert await scores(client, {"text_1": one, "text_2": other}) == wanted
    assert len(engine.calls) == 1


async def test_what_is_asked_reaches_the_engine(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    asked = {"use_activation": False, "instruction": "judge", "max_tokens_per_doc": 3, "model": "mini"}
    await scores(client, {**ASKED, **asked})
    call = engine.calls[-1]
    assert (call["raw_scores"], call["instruction"], call["model"]) == (True, "judge", "mini")
    assert call["truncation"] == Truncation(document_tokens=3)


async def test_null_means_absent(client: httpx.AsyncClient) -> None:
    assert await scores(client, {**dict.fromkeys(ScoreRequest.model_fields), **ASKED}) == [0, 2, 3]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "queries"),
        ({"queries": "a"}, "documents"),
        ({"text_2": "a"}, "queries"),
        ({"queries": None, "documents": ["a"]}, "queries"),
        ({"queries": [], "documents": ["a"]}, "queries"),
        ({"queries": "a", "items": []}, "items"),
        ({"queries": 1, "documents": ["a"]}, "queries"),
        ({"queries": "a", "documents": ["a", 1]}, "documents"),
        ({"queries": "a", "documents": [{"title": "a"}]}, "documents"),
        ({"queries": ["a", "b"], "documents": ["a", "b", "c"]}, "queries"),
        ({"queries": ["a", "b"], "documents": "a"}, "queries"),
        ({"queries": "a", "documents": ["a"] * 2049}, "documents"),
        ({"queries": "", "documents": ["a"]}, "input"),
        ({**ASKED, "model": "many"}, "model"),
        ({**ASKED, "use_activation": 0}, "use_activation"),
    ],
)
async def test_bad_input_is_400_and_names_the_field(
    client: httpx.AsyncClient, body: dict[str, Any], param: str
) -> None:
    answer = await client.post("/score", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert answer.json()["message"] == answer.json()["detail"]
