"""TEI's POST /similarity."""

from typing import Any

import httpx
import numpy as np
import pytest

from vectord.scheduler import Truncation

from .fake import FakeEngine, vector_of

INPUTS = {"source_sentence": "a", "sentences": ["b", "a", "c"]}


@pytest.mark.parametrize("beside", [{}, {"parameters": {}}, {"parameters": None}])
async def test_a_bare_list_of_cosines(client: httpx.AsyncClient, beside: Any) -> None:
    answer = await client.post("/similarity", json={"inputs": INPUTS, **beside})
    right = [float(vector_of("a") @ vector_of(other)) for other in "bac"]
    assert np.allclose(answer.json(), right, atol=1e-6)
    assert "x-compute-tokens" in answer.headers


async def test_options_stand_in_parameters_or_beside_them(
    client: httpx.AsyncClient, engine: FakeEngine
) -> None:
    options = {"truncate": True, "truncation_direction": "Left", "prompt_name": "query"}
    for body in ({"parameters": options}, options, {**options, "parameters": dict.fromkeys(options)}):
        await client.post("/similarity", json={"inputs": INPUTS, **body})
        call = engine.calls.pop()
        assert call["truncation"] == Truncation(True, "left")
        assert (call["prompt"].name, call["inputs"]) == ("query", ["a", "b", "a", "c"])


async def test_the_source_counts_too(client_with: Any) -> None:
    async with client_with(max_client_batch_size=3) as client:
        two, three = ({**INPUTS, "sentences": ["b"] * count} for count in (2, 3))
        assert (await client.post("/similarity", json={"inputs": two})).status_code == 200
        answer = await client.post("/similarity", json={"inputs": three})
    assert (answer.status_code, answer.json()["error_type"]) == (422, "Validation")


WRONG: list[tuple[Any, int, str]] = [
    ({"inputs": {**INPUTS, "sentences": []}}, 400, "Empty"),
    ({"inputs": {**INPUTS, "sentences": ["b", ""]}}, 400, "Empty"),
    ({"inputs": {**INPUTS, "source_sentence": ""}}, 400, "Empty"),
    ({"inputs": {**INPUTS, "sentences": "b"}}, 422, "Validation"),
    ({"inputs": {**INPUTS, "sentences": [1]}}, 422, "Validation"),
    ({"inputs": {**INPUTS, "source_sentence": None}}, 422, "Validation"),
    ({"inputs": "a"}, 422, "Validation"),
    ({"inputs": INPUTS, "parameters": "a"}, 422, "Validation"),
    ({"inputs": INPUTS, "parameters": {"truncate": "no"}}, 422, "Validation"),
    ({"inputs": {**INPUTS, "sentences": ["x " * 9]}, "parameters": {"truncate": False}}, 422, "Validation"),
    ({"inputs": INPUTS, "model": "cross"}, 424, "Backend"),
    ({"inputs": INPUTS, "model": "gpt"}, 404, "Validation"),
]


@pytest.mark.parametrize(("body", "status", "word"), WRONG)
async def test_errors_are_teis(client: httpx.AsyncClient, body: Any, status: int, word: str) -> None:
    answer = await client.post("/similarity", json=body)
    assert (answer.status_code, answer.json()["error_type"]) == (status, word)
    assert answer.json().keys() == {"error", "error_type"}
