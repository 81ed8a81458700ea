from dataclasses import replace
from typing import Any

import httpx
import pytest

from vectord.scheduler import Truncation

from .fake import FakeEngine


@pytest.mark.parametrize(
    ("inputs", "count"), [("a", 1), (["a", "b"], 2), ([1, 2, 3], 1), ([[1], [2, 3]], 2), (["a", [1]], 2)]
)
async def test_embed_gives_a_bare_list_of_vectors(client: httpx.AsyncClient, inputs: Any, count: int) -> None:
    answer = await client.post("/embed", json={"inputs": inputs})
    rows = answer.json()
    assert len(rows) == count
    assert all(len(row) == 8 for row in rows)


@pytest.mark.parametrize("side", ["left", "Left", "right", "RIGHT"])
async def test_options_reach_the_engine(client: httpx.AsyncClient, engine: FakeEngine, side: str) -> None:
    options = {"truncate": True, "truncation_direction": side, "prompt_name": "query", "normalize": False}
    await client.post("/embed", json={"inputs": "a", "dimensions": 4, "model": "org/mini", **options})
    call = engine.calls[-1]
    assert call["truncation"] == Truncation(True, "left" if side.lower() == "left" else "right")
    assert (call["prompt"].name, call["normalize"], call["dimensions"]) == ("query", False, 4)


async def test_null_means_absent(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    options = ("truncate", "truncation_direction", "prompt_name", "normalize", "dimensions", "model")
    answer = await client.post("/embed", json={"inputs": "a", **dict.fromkeys(options)})
    assert answer.status_code == 200
    call = engine.calls[-1]
    assert (call["normalize"], call["truncation"]) == (True, Truncation())


CASES: list[tuple[Any, int, str]] = [
    ({"inputs": []}, 400, "Empty"),
    ({"inputs": ""}, 400, "Empty"),
    ({}, 422, "Validation"),
    ({"inputs": True}, 422, "Validation"),
    ({"inputs": ["a", 1]}, 422, "Validation"),
    ({"inputs": ["a", [True]]}, 422, "Validation"),
    ({"inputs": ["a", []]}, 400, "Empty"),
    ({"inputs": ["a"] * 2049}, 422, "Validation"),
    ({"inputs": "x " * 9, "truncate": False}, 422, "Validation"),
    ({"inputs": "a", "dimensions": 0}, 422, "Validation"),
    ({"inputs": "a", "truncation_direction": "up"}, 422, "Validation"),
    ({"inputs": "a", "model": "cross"}, 424, "Backend"),
    ({"inputs": "a", "model": "gpt"}, 404, "Validation"),
    ({"inputs": "fail"}, 424, "Backend"),
    ({"inputs": "bug"}, 500, "Backend"),
]


@pytest.mark.parametrize(("body", "status", "word"), CASES)
async def test_errors_are_teis(client: httpx.AsyncClient, body: Any, status: int, word: str) -> None:
    answer = await client.post("/embed", json=body)
    assert answer.status_code == status
    assert answer.json().keys() == {"error", "error_type"}
    assert answer.json()["error_type"] == word


async def test_broken_json_is_400(client: httpx.AsyncClient) -> None:
    answer = await client.post("/embed", content=b"{")
    assert (answer.status_code, answer.json()["error_type"]) == (400, "Validation")


async def test_overload_is_429_and_says_when(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    engine.full = True
    answer = await client.post("/embed", json={"inputs": "a"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert answer.json()["error_type"] == "Overloaded"


async def test_a_wrong_method_is_told_in_teis_shape(client: httpx.AsyncClient) -> None:
    answer = await client.get("/embed")
    assert (answer.status_code, answer.json()["error_type"]) == (405, "Validation")


async def test_headers_tell_of_the_work(client: httpx.AsyncClient) -> None:
    answer = await client.post("/embed", json={"inputs": "a"})
    times = ("compute", "total", "tokenization", "queue", "inference")
    assert all(answer.headers[f"x-{name}-time"].isdigit() for name in times)
    assert {"x-compute-type", "x-compute-characters", "x-compute-tokens"} <= set(answer.headers)


@pytest.mark.parametrize(("device", "kind"), [("cpu", "cpu"), ("cuda:1", "gpu")])
async def test_the_kind_of_compute_is_the_devices(
    client: httpx.AsyncClient, engine: FakeEngine, device: str, kind: str
) -> None:
    engine.served[0].bid = replace(engine.served[0].bid, device=device)
    for path, body in (("/embed", {"inputs": "a"}), ("/vertex", {"instances": [{"inputs": "a"}]})):
        assert (await client.post(path, json=body)).headers["x-compute-type"] == kind


async def test_a_header_names_the_model_where_the_body_does_not(
    client: httpx.AsyncClient, engine: FakeEngine
) -> None:
    headers = {"x-vectord-model": "cross"}
    assert (await client.post("/embed", json={"inputs": "a"}, headers=headers)).status_code == 424
    body = {"inputs": "a", "model": "mini"}
    assert (await client.post("/embed", json=body, headers=headers)).status_code == 200


@pytest.mark.parametrize(("said", "status"), [("bulk", 200), ("Interactive", 200), ("soon", 422)])
async def test_a_header_says_how_urgent_it_is(client: httpx.AsyncClient, said: str, status: int) -> None:
    answer = await client.post("/embed", json={"inputs": "a"}, headers={"x-vectord-priority": said})
    assert answer.status_code == status
