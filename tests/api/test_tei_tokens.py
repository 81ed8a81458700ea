"""TEI's POST /tokenize and /decode, to the byte."""

from typing import Any

import httpx
import pytest

from .fake import FakeEngine

CLS = '{"id":2,"text":"[CLS]","special":true,"start":null,"stop":null}'


def word(text: str) -> str:
    return f'{{"id":7,"text":"{text}","special":false,"start":0,"stop":{len(text.encode())}}}'


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"inputs": "où"}, f"[[{CLS},{word('où')}]]"),
        ({"inputs": ["a", "机器"]}, f"[[{CLS},{word('a')}],[{CLS},{word('机器')}]]"),
        ({"inputs": ["a"], "add_special_tokens": False}, f"[[{word('a')}]]"),
        ({"inputs": ["a"], "add_special_tokens": None, "prompt_name": None}, f"[[{CLS},{word('a')}]]"),
    ],
)
async def test_tokens(client: httpx.AsyncClient, body: Any, wanted: str) -> None:
    answer = await client.post("/tokenize", json=body)
    assert (answer.status_code, answer.text) == (200, wanted)


@pytest.mark.parametrize(
    ("ids", "wanted"),
    [([1, 2], '["word1 word2"]'), ([[1], [2, 3]], '["word1","word2 word3"]')],
)
async def test_texts(client: httpx.AsyncClient, engine: FakeEngine, ids: Any, wanted: str) -> None:
    for skip, meant in ((None, True), (True, True), (False, False)):
        answer = await client.post("/decode", json={"ids": ids, "skip_special_tokens": skip})
        assert (answer.status_code, answer.text) == (200, wanted)
        assert engine.calls[-1]["skip_special_tokens"] == meant


@pytest.mark.parametrize("path", ["/tokenize", "/decode"])
async def test_the_first_model_or_the_named_one(
    client: httpx.AsyncClient, engine: FakeEngine, path: str
) -> None:
    body = {"inputs": "a", "ids": [1]}
    for named, headers, meant in (
        (None, {}, "mini"),
        ("many", {}, "many"),
        (None, {"x-vectord-model": "cross"}, "cross"),
        ("org/mini", {"x-vectord-model": "cross"}, "mini"),
    ):
        answer = await client.post(path, json={**body, "model": named}, headers=headers)
        assert (answer.status_code, engine.calls[-1]["model"]) == (200, meant)
    assert (await client.post(path, json={**body, "model": "gpt"})).status_code == 404


async def test_the_prompt_is_tokenised_too(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    await client.post("/tokenize", json={"inputs": "a", "prompt_name": "query"})
    assert engine.calls[-1]["prompt"].name == "query"


WRONG: list[tuple[str, Any, int, str]] = [
    ("/tokenize", {"inputs": []}, 400, "Empty"),
    ("/tokenize", {"inputs": ["a", ""]}, 400, "Empty"),
    ("/tokenize", {}, 422, "Validation"),
    ("/tokenize", {"inputs": None}, 422, "Validation"),
    ("/tokenize", {"inputs": [1]}, 422, "Validation"),
    ("/tokenize", {"inputs": [["a"]]}, 422, "Validation"),
    ("/tokenize", {"inputs": "a", "add_special_tokens": 1}, 422, "Validation"),
    ("/tokenize", {"inputs": ["a"] * 2049}, 422, "Validation"),
    ("/decode", {"ids": []}, 400, "Empty"),
    ("/decode", {"ids": [[1], []]}, 400, "Empty"),
    ("/decode", {}, 422, "Validation"),
    ("/decode", {"ids": 1}, 422, "Validation"),
    ("/decode", {"ids": "a"}, 422, "Validation"),
    ("/decode", {"ids": ["a"]}, 422, "Validation"),
    ("/decode", {"ids": [1, [2]]}, 422, "Validation"),
    ("/decode", {"ids": [True]}, 422, "Validation"),
    ("/decode", {"ids": [1.0]}, 422, "Validation"),
    ("/decode", {"ids": [-1]}, 422, "Validation"),
    ("/decode", {"ids": [2**70]}, 422, "Validation"),
    ("/decode", {"ids": [1000]}, 422, "Validation"),
    ("/decode", {"ids": [[1]] * 2049}, 422, "Validation"),
]


@pytest.mark.parametrize(("path", "body", "status", "word"), WRONG)
async def test_errors_are_teis(
    client: httpx.AsyncClient, path: str, body: Any, status: int, word: str
) -> None:
    answer = await client.post(path, json=body)
    assert (answer.status_code, answer.json()["error_type"]) == (status, word)
    assert answer.json().keys() == {"error", "error_type"}
