"""POST /vertex: several bodies in Vertex AI's envelope."""

import asyncio
from typing import Any

import httpx
import orjson
import pytest

from .fake import FakeEngine

INSTANCES: list[tuple[str, dict[str, Any]]] = [
    ("/embed", {"inputs": ["a b", "c"], "dimensions": 3}),
    ("/similarity", {"inputs": {"source_sentence": "a", "sentences": ["b"]}}),
    ("/rerank", {"query": "q", "texts": ["a", "q"]}),
]


async def test_each_instance_is_answered_as_on_its_route(client: httpx.AsyncClient) -> None:
    bodies = [body for _, body in INSTANCES]
    answer = await client.post("/vertex", json={"instances": bodies, "parameters": {}})
    alone = [(await client.post("/", json=body)) for body in bodies]
    wanted = [orjson.Fragment(one.content) for one in alone]
    assert answer.content == orjson.dumps({"predictions": wanted})
    for name in ("x-compute-tokens", "x-compute-characters"):
        assert int(answer.headers[name]) == sum(int(one.headers[name]) for one in alone)


async def test_the_model_of_all_and_of_one(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    body = {"instances": [{"inputs": "a"}, {"inputs": "a", "model": "mini"}], "model": "many"}
    answer = await client.post("/vertex", json=body, headers={"x-vectord-model": "cross"})
    assert answer.status_code == 200
    assert [call["model"] for call in engine.calls] == ["many", "mini"]


async def test_nothing_gives_nothing(client: httpx.AsyncClient) -> None:
    answer = await client.post("/vertex", json={"instances": []})
    assert (answer.status_code, answer.text) == (200, '{"predictions":[]}')


async def test_one_failure_is_that_of_all_and_ends_the_rest(
    client: httpx.AsyncClient, engine: FakeEngine
) -> None:
    answer = await client.post("/vertex", json={"instances": [{"inputs": "hold"}, {"inputs": "fail"}]})
    assert (answer.status_code, answer.json()["error_type"]) == (424, "Backend")
    async with asyncio.timeout(5):
        await engine.cancelled.wait()
    assert engine.admitted == 0


async def test_all_inputs_together_are_counted(client_with: Any, engine: FakeEngine) -> None:
    async with client_with(max_client_batch_size=4) as client:
        for count, status in ((2, 200), (3, 422)):
            body = {"instances": [{"inputs": ["a", "b"]}, {"inputs": ["a"] * count}]}
            assert (await client.post("/vertex", json=body)).status_code == status


WRONG: list[tuple[Any, int, str]] = [
    ({}, 422, "`instances` is required."),
    ({"instances": None}, 422, "`instances` must be a list."),
    ({"instances": [None]}, 422, "`instances[0]` must be a JSON object."),
    ({"instances": [{"inputs": "a"}, {}]}, 422, "`instances[1].inputs` is required."),
    ({"instances": [{"inputs": "a"}, {"inputs": "a", "model": "gpt"}]}, 404, "No such model"),
    ({"instances": [{"inputs": "a"}, {"inputs": "a", "model": "cross"}]}, 424, "cross cannot"),
    ({"instances": [{"inputs": "a"}, {"inputs": []}]}, 400, "`instances[1].inputs` must not be"),
    ({"instances": [{"inputs": "a"}, {"inputs": ""}]}, 400, "An input is empty"),
    ({"instances": [{"query": "a", "texts": []}]}, 400, "`texts` must not be"),
    ({"instances": [], "model": "gpt"}, 404, "No such model"),
]


@pytest.mark.parametrize(("body", "status", "says"), WRONG)
async def test_errors_are_teis(client: httpx.AsyncClient, body: Any, status: int, says: str) -> None:
    answer = await client.post("/vertex", json=body)
    assert answer.status_code == status
    assert answer.json()["error"].startswith(says)
    assert answer.json().keys() == {"error", "error_type"}


async def test_overload_refuses_the_whole(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    engine.full = True
    answer = await client.post("/vertex", json={"instances": [{"inputs": "a"}]})
    assert (answer.status_code, answer.json()["error_type"]) == (429, "Overloaded")
