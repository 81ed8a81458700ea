"""Cohere's /v1/embed and /v2/embed."""

import base64
from typing import Any

import httpx
import numpy as np
import pytest

from vectord.scheduler import Prompt, Truncation

from .fake import SCALE, FakeEngine, vector_of

TEXTS = ["one two", "thrée"]
ROWS = np.stack([vector_of(text) for text in TEXTS])
TYPES = ["float", "int8", "uint8", "binary", "ubinary", "base64"]


async def embed(client: httpx.AsyncClient, path: str = "/v2/embed", **body: Any) -> Any:
    answer = await client.post(path, json={"texts": TEXTS, **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_v1_gives_bare_floats_where_no_type_is_named(client: httpx.AsyncClient) -> None:
    absences: tuple[dict[str, Any], ...] = ({}, {"embedding_types": None}, {"embedding_types": []})
    for absent in absences:
        answer = await embed(client, "/v1/embed", **absent)
        assert answer.keys() == {"id", "response_type", "texts", "embeddings", "meta"}
        assert answer["response_type"] == "embeddings_floats"
        assert answer["texts"] == TEXTS
        np.testing.assert_array_equal(np.array(answer["embeddings"], np.float32), ROWS)
        assert answer["meta"] == {"api_version": {"version": "1"}, "billed_units": {"input_tokens": 3}}


async def test_v2_gives_floats_by_type(client: httpx.AsyncClient) -> None:
    answer = await embed(client, model="mini", input_type="search_query")
    assert answer.keys() == {"id", "response_type", "texts", "embeddings", "meta"}
    assert answer["response_type"] == "embeddings_by_type"
    assert answer["embeddings"].keys() == {"float"}
    assert answer["meta"]["api_version"] == {"version": "2"}


@pytest.mark.parametrize("path", ["/v1/embed", "/v2/embed"])
async def test_every_type_from_one_pass(client: httpx.AsyncClient, engine: FakeEngine, path: str) -> None:
    found = (await embed(client, path, embedding_types=TYPES))["embeddings"]
    assert len(engine.calls) == 1
    assert list(found) == TYPES
    levels = np.clip(np.rint(ROWS / np.float32(SCALE)), -127, 127)
    bits = np.packbits(ROWS >= 0, axis=1).astype(int)
    np.testing.assert_array_equal(np.array(found["float"], np.float32), ROWS)
    np.testing.assert_array_equal(found["int8"], levels)
    np.testing.assert_array_equal(found["uint8"], levels + 128)
    np.testing.assert_array_equal(found["ubinary"], bits)
    np.testing.assert_array_equal(found["binary"], bits - 128)
    assert [base64.b64decode(one) for one in found["base64"]] == [row.tobytes() for row in ROWS]


async def test_inputs_are_texts_in_parts(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    parts = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    answer = await embed(client, texts=None, inputs=[{"content": parts}, {"content": parts[:1]}])
    assert engine.calls[-1]["inputs"] == answer["texts"] == ["one\ntwo", "one"]


async def test_options_reach_the_engine(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    await embed(
        client, input_type="clustering", output_dimension=4, truncate="START", max_tokens=5, priority=3
    )
    call = engine.calls[-1]
    assert call["prompt"] == Prompt(input_type="clustering")
    assert call["truncation"] == Truncation(True, "left", 5)
    assert call["dimensions"] == 4
    options = ("images", "inputs", "model", "input_type", "output_dimension", "truncate", "max_tokens")
    absent: dict[str, Any] = dict.fromkeys(options)
    await embed(client, **absent)
    call = engine.calls[-1]
    assert (call["prompt"], call["truncation"], call["dimensions"]) == (Prompt(), Truncation(), None)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "nothing": ({}, "texts"),
    "null": ({"texts": None}, "texts"),
    "no texts": ({"texts": []}, "texts"),
    "an empty text": ({"texts": ["a", ""]}, "input"),
    "a text alone": ({"texts": "a"}, "texts"),
    "numbers": ({"texts": [1]}, "texts"),
    "a null": ({"texts": ["a", None]}, "texts"),
    "both": ({"texts": ["a"], "inputs": [{"content": [{"type": "text", "text": "b"}]}]}, "inputs"),
    "an image": ({"texts": ["a"], "images": ["data:image/png;base64,xx"]}, "images"),
    "only an image": ({"images": ["data:image/png;base64,xx"]}, "images"),
    "an image among parts": ({"inputs": [{"content": [{"type": "image_url", "image_url": {}}]}]}, "inputs"),
    "no parts": ({"inputs": [{"content": []}]}, "inputs"),
    "parts of no text": ({"inputs": [{"content": [{"type": "text"}]}]}, "inputs"),
    "an input that is a text": ({"inputs": ["a"]}, "inputs"),
    "a type": ({"texts": ["a"], "embedding_types": ["ternary"]}, "embedding_types[0]"),
    "types in a word": ({"texts": ["a"], "embedding_types": "float"}, "embedding_types"),
    "truncate": ({"texts": ["a"], "truncate": "MIDDLE"}, "truncate"),
    "a size": ({"texts": ["a"], "output_dimension": 9}, "dimensions"),
    "a word for a size": ({"texts": ["a"], "output_dimension": "9"}, "output_dimension"),
    "too many": ({"texts": ["a"] * 2049}, "texts"),
}


@pytest.mark.parametrize("case", BAD)
async def test_bad_requests_are_400_in_the_routes_own_shape(client: httpx.AsyncClient, case: str) -> None:
    body, param = BAD[case]
    first = await client.post("/v1/embed", json=body)
    second = await client.post("/v2/embed", json=body)
    assert (first.status_code, second.status_code) == (400, 400)
    assert first.json()["error"]["param"] == param
    assert second.json().keys() == {"id", "message"}
    assert second.json()["message"] == first.json()["message"] == first.json()["error"]["message"]
    assert "\n" not in first.json()["message"]


async def test_an_unknown_model_is_404(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v2/embed", json={"texts": ["a"], "model": "command"})
    assert answer.status_code == 404
    assert answer.json()["id"] == answer.headers["x-request-id"]


async def test_a_text_over_the_limit_is_refused_with_none(client: httpx.AsyncClient) -> None:
    body = {"texts": ["x " * 9]}
    answer = await client.post("/v2/embed", json=body)
    assert answer.headers["x-vectord-truncated"] == "1"
    assert (await client.post("/v2/embed", json={**body, "truncate": "NONE"})).status_code == 400
