from base64 import b64decode
from typing import Any

import httpx
import numpy as np
import pytest

from vectord.api.pooling import PoolingRequest
from vectord.scheduler import Prompt, Truncation

from .fake import FakeEngine, vector_of
from .fake_served import WIDTH, FakeServed, card

TEXTS = ["a b", "c"]


@pytest.fixture
def engine() -> FakeEngine:
    engine = FakeEngine()
    engine.served = (*engine.served, FakeServed("three", card("three", "embed", "sparse", "embed_all")))
    return engine


async def pooled(client: httpx.AsyncClient, **body: Any) -> Any:
    answer = await client.post("/pooling", json={"input": TEXTS, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def rows_of(answer: Any) -> list[Any]:
    return [one["data"] for one in answer["data"]]


def same(one: Any, other: Any) -> None:
    np.testing.assert_array_equal(np.array(one, np.float32), other)


async def test_vllms_answer(client: httpx.AsyncClient) -> None:
    answer = await pooled(client)
    assert answer.pop("id").startswith("pool-")
    assert isinstance(answer.pop("created"), int)
    assert answer.pop("usage") == {"prompt_tokens": 3, "total_tokens": 3, "truncated": 0}
    for index, one in enumerate(answer.pop("data")):
        assert (one.pop("index"), one.pop("object")) == (index, "pooling")
        same(one.pop("data"), vector_of(TEXTS[index]))
        assert one == {}
    assert answer == {"object": "list", "model": "mini"}


TASKS = [
    ("embed", "mini", [(WIDTH,), (WIDTH,)]),
    ("token_embed", "many", [(2, WIDTH), (1, WIDTH)]),
    ("classify", "many", [(3,), (3,)]),
    ("token_classify", "many", [(2, 2), (1, 2)]),
]


@pytest.mark.parametrize(("task", "model", "shapes"), TASKS)
async def test_a_task_has_its_model_and_its_shape(
    client: httpx.AsyncClient, task: str, model: str, shapes: list[tuple[int, ...]]
) -> None:
    answer = await pooled(client, task=task)
    assert answer["model"] == model
    assert [np.shape(row) for row in rows_of(answer)] == shapes
    packed = rows_of(await pooled(client, task=task, encoding_format="base64"))
    for row, text in zip(rows_of(answer), packed, strict=True):
        same(row, np.frombuffer(b64decode(text), "<f4").reshape(np.shape(row)))


async def test_weights_are_listed_in_either_format(client: httpx.AsyncClient) -> None:
    for form in ("float", "base64"):
        answer = await pooled(client, task="sparse", encoding_format=form)
        assert rows_of(answer) == [[{"index": 7, "value": 2.0}], [{"index": 7, "value": 1.0}]]


@pytest.mark.parametrize(("model", "shape"), [("mini", (WIDTH,)), ("cross", None), ("many", (3,))])
async def test_without_a_task_a_model_does_its_own(
    client: httpx.AsyncClient, model: str, shape: tuple[int, ...] | None
) -> None:
    answer = await client.post("/pooling", json={"input": TEXTS, "model": model})
    if shape is None:  # the fake cross-encoder has no labels
        assert (answer.status_code, answer.json()["error"]["param"]) == (400, "model")
    else:
        assert np.shape(rows_of(answer.json())[0]) == shape


async def test_several_kinds_from_one_call(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    answer = await pooled(client, outputs=["token_vectors", "dense", "sparse", "dense"])
    assert answer["model"] == "three"
    first, second = rows_of(answer)
    assert first.keys() == {"dense", "sparse", "token_vectors"}
    same(first["dense"], vector_of("a b"))
    same(first["token_vectors"], [vector_of("a b")] * 2)
    assert second["sparse"] == [{"index": 7, "value": 1.0}]
    assert len(engine.calls) == 1
    assert [row.keys() for row in rows_of(await pooled(client, outputs=["sparse"]))] == [{"sparse"}] * 2


async def test_what_is_asked_reaches_the_engine(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    await pooled(client, task="embed", dimensions=2, normalize=False, prompt="p: ", truncate="START")
    call = engine.calls[-1]
    assert (call["dimensions"], call["normalize"]) == (2, False)
    assert (call["prompt"], call["truncation"]) == (Prompt(text="p: "), Truncation(True, "left"))
    await pooled(client, task="token_embed", input_type="search_query")
    assert engine.calls[-1]["prompt"] == Prompt(input_type="search_query")
    await pooled(client, task="token_classify", use_activation=False)
    assert engine.calls[-1]["raw_scores"] is True


async def test_null_means_absent(client: httpx.AsyncClient) -> None:
    options = set(PoolingRequest.model_fields) - {"input"}
    assert rows_of(await pooled(client, **dict.fromkeys(options))) == rows_of(await pooled(client))


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": [""]}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"task": "encode"}, "task"),
        ({"task": "sparse", "model": "mini"}, "model"),
        ({"outputs": []}, "outputs"),
        ({"outputs": ["colbert"]}, "outputs[0]"),
        ({"outputs": "dense"}, "outputs"),
        ({"outputs": ["dense"], "dimensions": 2}, "dimensions"),
        ({"outputs": ["sparse"], "model": "mini"}, "model"),
        ({"dimensions": 0}, "dimensions"),
        ({"dimensions": 99}, "dimensions"),
        ({"encoding_format": "hex"}, "encoding_format"),
        ({"input_type": 1}, "input_type"),
    ],
)
async def test_bad_input_is_400_and_names_the_field(
    client: httpx.AsyncClient, change: dict[str, Any], param: str
) -> None:
    answer = await client.post("/pooling", json={"input": TEXTS, **change})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
