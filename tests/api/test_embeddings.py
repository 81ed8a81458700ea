import base64
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pytest

from .fake import FakeEngine, vector_of


async def embed(client: httpx.AsyncClient, **body: Any) -> Any:
    answer = await client.post("/v1/embeddings", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_answer_is_openais(client: httpx.AsyncClient) -> None:
    answer = await embed(client, input=["one two", "three"], model="mini")
    assert answer.keys() == {"object", "data", "model", "usage"}
    assert answer["object"] == "list"
    assert answer["model"] == "mini"
    assert answer["usage"] == {"prompt_tokens": 3, "total_tokens": 3, "truncated": 0}
    assert [row.keys() for row in answer["data"]] == [{"object", "index", "embedding"}] * 2
    assert [row["index"] for row in answer["data"]] == [0, 1]
    assert {row["object"] for row in answer["data"]} == {"embedding"}


async def test_a_task_names_an_adapter(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    await embed(client, input="one", task="retrieval.query")
    assert engine.calls[-1]["prompt"].task == "retrieval.query"
    await embed(client, input="one")
    assert engine.calls[-1]["prompt"].task is None
    answer = await client.post("/v1/embeddings", json={"input": "one", "task": 3})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "task"


async def test_floats_and_base64_are_the_same_bits(client: httpx.AsyncClient) -> None:
    floats = await embed(client, input="one")
    coded = await embed(client, input="one", encoding_format="base64")
    from_floats = np.array(floats["data"][0]["embedding"], np.float32)
    from_base64 = np.frombuffer(base64.b64decode(coded["data"][0]["embedding"]), "<f4")
    assert from_floats.tobytes() == from_base64.tobytes() == vector_of("one").tobytes()


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        ("a", ["a"]),
        (["a", "b"], ["a", "b"]),
        ([1, 2], [[1, 2]]),
        ([[1], [2, 3]], [[1], [2, 3]]),
        ("  padded\n", ["  padded\n"]),
    ],
)
async def test_input_takes_texts_and_ids_as_they_are(
    client: httpx.AsyncClient, engine: FakeEngine, asked: Any, taken: Any
) -> None:
    await embed(client, input=asked)
    assert engine.calls[-1]["inputs"] == taken


async def test_null_means_absent(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    options = ("model", "encoding_format", "dimensions", "user")
    await embed(client, input="a", **dict.fromkeys(options))
    assert engine.calls[-1]["dimensions"] is None


async def test_unknown_fields_are_ignored(client: httpx.AsyncClient) -> None:
    await embed(client, input="a", input_type="query", nested={"deep": [1]})


async def test_dimensions_reach_the_engine(client: httpx.AsyncClient) -> None:
    answer = await embed(client, input="a", dimensions=3)
    assert len(answer["data"][0]["embedding"]) == 3


async def test_the_short_path_is_an_alias(client: httpx.AsyncClient) -> None:
    assert (await client.post("/embeddings", json={"input": "a"})).status_code == 200


async def test_the_answer_carries_the_name_that_was_asked_for(client: httpx.AsyncClient) -> None:
    assert (await embed(client, input="a", model="org/mini"))["model"] == "org/mini"
    assert (await embed(client, input="a"))["model"] == "mini"
    headers = {"x-vectord-model": "org/mini"}
    answer = await client.post("/v1/embeddings", json={"input": "a"}, headers=headers)
    assert answer.json()["model"] == "org/mini"


async def test_cut_inputs_are_told(client: httpx.AsyncClient) -> None:
    body = {"input": ["short", "x " * 9, "y " * 8]}
    answer = await client.post("/v1/embeddings", json=body)
    assert answer.json()["usage"]["truncated"] == 2
    assert answer.headers["x-vectord-truncated"] == "2"


async def test_whole_inputs_need_no_header(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/embeddings", json={"input": "short"})
    assert "x-vectord-truncated" not in answer.headers


async def test_a_large_request_keeps_its_order(client: httpx.AsyncClient) -> None:
    texts = [f"text {number} " + "x" * 100 for number in range(2048)]
    answer = await embed(client, input=texts)
    assert [row["index"] for row in answer["data"]] == list(range(2048))
    last = np.array(answer["data"][-1]["embedding"], np.float32)
    assert last.tobytes() == vector_of(texts[-1]).tobytes()


BAD = {
    "no input": ({}, "input", "`input` is required."),
    "null": ({"input": None}, "input", None),
    "a number": ({"input": 1}, "input", None),
    "a bool": ({"input": True}, "input", None),
    "bools": ({"input": [True, False]}, "input", None),
    "a bool among ids": ({"input": [1, True]}, "input", None),
    "an object": ({"input": {"text": "a"}}, "input", None),
    "an object without text": ({"input": [{"words": "a"}]}, "input", None),
    "an object with a text that is none": ({"input": [{"text": 3}]}, "input", None),
    "an object with an empty text": ({"input": [{"text": ""}]}, "input", None),
    "an image": (
        {"input": [{"text": "a"}, {"image": "https://example.org"}]},
        "input",
        "`input` holds an image, audio or file; this server embeds texts.",
    ),
    "ids among objects": ({"input": [{"text": "a"}, [1]]}, "input", None),
    "a null among texts": ({"input": ["a", None]}, "input", None),
    "texts and ids": ({"input": ["a", 1]}, "input", None),
    "texts and lists": ({"input": ["a", [1]]}, "input", None),
    "floats": ({"input": [1.5]}, "input", None),
    "lists of texts": ({"input": [["a"]]}, "input", None),
    "an empty list": ({"input": []}, "input", "`input` must not be an empty list."),
    "an empty list of ids": ({"input": [[1], []]}, "input", None),
    "an empty text": ({"input": ""}, "input", None),
    "an empty text among others": ({"input": ["a", ""]}, "input", None),
    "a negative id": ({"input": [1, -1]}, "input", None),
    "an id that no vocabulary has": ({"input": [[2**40]]}, "input", None),
    "an id out of the vocabulary": ({"input": [5000]}, "input", None),
    "an id over 64 bits": ({"input": [2**80]}, "input", None),
    "dimensions 0": ({"input": "a", "dimensions": 0}, "dimensions", None),
    "dimensions -1": ({"input": "a", "dimensions": -1}, "dimensions", None),
    "dimensions too large": ({"input": "a", "dimensions": 9}, "dimensions", None),
    "dimensions text": ({"input": "a", "dimensions": "3"}, "dimensions", None),
    "dimensions bool": ({"input": "a", "dimensions": True}, "dimensions", None),
    "dimensions float": (
        {"input": "a", "dimensions": 1.5},
        "dimensions",
        "`dimensions` must be a whole number.",
    ),
    "model number": ({"input": "a", "model": 3}, "model", "`model` must be a string."),
    "format": (
        {"input": "a", "encoding_format": "hex"},
        "encoding_format",
        "`encoding_format` must be 'float' or 'base64'.",
    ),
}


@pytest.mark.parametrize("case", BAD)
async def test_bad_input_is_400_and_names_the_field(client: httpx.AsyncClient, case: str) -> None:
    body, param, message = BAD[case]
    answer = await client.post("/v1/embeddings", json=body)
    error = answer.json()["error"]
    assert answer.status_code == 400
    assert error.keys() == {"message", "type", "param", "code"}
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert "\n" not in error["message"]
    assert message is None or error["message"] == message


async def test_too_many_inputs_are_400(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/embeddings", json={"input": ["a"] * 3000})
    assert answer.status_code == 400
    assert "2048" in answer.json()["error"]["message"]


async def test_the_refusal_never_quotes_the_input(client: httpx.AsyncClient) -> None:
    for body in ({"input": ["quoted", 1]}, {"input": "a", "encoding_format": "quoted"}, ["quoted"], "quoted"):
        answer = await client.post("/v1/embeddings", json=body)
        assert answer.status_code == 400
        assert "quoted" not in answer.text


async def test_an_unknown_model_is_404_and_lists_the_served_ones(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/embeddings", json={"input": "a", "model": "gpt"})
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (404, "invalid_request_error")
    assert (error["code"], error["param"]) == ("model_not_found", "model")
    assert "mini" in error["message"]


async def test_a_model_that_cannot_embed_is_400(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/embeddings", json={"input": "a", "model": "cross"})
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "model_cannot_do_task"


async def test_overload_is_429_and_says_when(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    engine.full = True
    answer = await client.post("/v1/embeddings", json={"input": "a"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert answer.json()["error"]["code"] == "overloaded"


async def test_no_request_stays_admitted(
    client_with: Callable[..., httpx.AsyncClient], engine: FakeEngine
) -> None:
    async with client_with() as client:
        for text in ("a", "fail", "bug", ""):
            await client.post("/v1/embeddings", json={"input": text})
    assert engine.admitted == 0
