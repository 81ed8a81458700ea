from typing import Any

import httpx
import pytest

from vectord.api.classify import ClassifyRequest

from .fake import FakeEngine


async def classified(client: httpx.AsyncClient, **body: Any) -> Any:
    answer = await client.post("/classify", json={"input": ["a b", "c|d"], **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_vllms_answer(client: httpx.AsyncClient) -> None:
    answer = await classified(client)
    assert answer.pop("id").startswith("classify-")
    assert isinstance(answer.pop("created"), int)
    assert answer == {
        "object": "list",
        "model": "many",
        "data": [
            {"index": 0, "label": "mid", "probs": [0.1, 0.0, 0.2], "num_classes": 3},
            {"index": 1, "label": "pair", "probs": [0.1, 1.0, 0.2], "num_classes": 3},
        ],
        "usage": {"prompt_tokens": 3, "total_tokens": 3, "truncated": 0},
    }


@pytest.mark.parametrize("raw", [False, True])
async def test_infinitys_answer_to_who_says_raw_scores(
    client: httpx.AsyncClient, engine: FakeEngine, raw: bool
) -> None:
    answer = await classified(client, raw_scores=raw, model="default/not-specified")
    assert answer["object"] == "classify"
    assert answer["data"][1] == [
        {"score": 1.0, "label": "pair"},
        {"score": 0.2, "label": "mid"},
        {"score": 0.1, "label": "low"},
    ]
    assert answer.keys() == {"id", "object", "created", "model", "data", "usage"}
    assert engine.calls[-1]["raw_scores"] is raw


@pytest.mark.parametrize("inputs", ["a", ["a"], [1, 2], [[1, 2], [3]], ["a", [1]]])
async def test_texts_and_token_ids(client: httpx.AsyncClient, inputs: Any) -> None:
    for field in ("input", "inputs"):
        answer = await client.post("/classify", json={field: inputs})
        many = isinstance(inputs, list) and not isinstance(inputs[0], int)
        assert len(answer.json()["data"]) == (len(inputs) if many else 1)


async def test_without_its_activation(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    assert (await classified(client, use_activation=False))["object"] == "list"
    assert engine.calls[-1]["raw_scores"] is True


async def test_null_means_absent(client: httpx.AsyncClient) -> None:
    options = set(ClassifyRequest.model_fields) - {"input"}
    assert (await classified(client, **dict.fromkeys(options)))["object"] == "list"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "input"),
        ({"input": None}, "input"),
        ({"input": []}, "input"),
        ({"input": [""]}, "input"),
        ({"input": [["a", "b"]]}, "input"),
        ({"input": {"a": 1}}, "input"),
        ({"input": ["a"] * 2049}, "input"),
        ({"input": "a", "model": "mini"}, "model"),
        ({"input": "a", "raw_scores": 1}, "raw_scores"),
        ({"input": "a b c d e f g", "truncate": False}, "input"),
    ],
)
async def test_bad_input_is_400_and_names_the_field(
    client: httpx.AsyncClient, body: dict[str, Any], param: str
) -> None:
    answer = await client.post("/classify", json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
