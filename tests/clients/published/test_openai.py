"""OpenAI's SDK for Python."""

import asyncio
from typing import Any

import numpy as np
import pytest

from .plain import ALIAS, KEY, MANY, MODEL, TEXTS, WRONG_KEY, Target, lacking, same

openai = lacking("openai")

CLIENT = "openai (Python)"
ROUTES = ("POST /v1/embeddings", "GET /v1/models", "GET /v1/models/{id}")


@pytest.fixture
def client(server: Target) -> Any:
    return openai.OpenAI(base_url=server.v1, api_key="unused", max_retries=0)


def rows(answer: Any) -> Any:
    assert [one.index for one in answer.data] == list(range(len(answer.data)))
    return [one.embedding for one in answer.data]


def test_its_default_base64_is_the_plain_floats(server: Target, client: Any) -> None:
    answer = client.embeddings.create(model=MODEL, input=TEXTS)
    same(rows(answer), server.vectors(TEXTS))
    assert answer.model == MODEL
    assert answer.usage.prompt_tokens == answer.usage.total_tokens > len(TEXTS)


def test_floats_one_text_and_an_alias(server: Target, client: Any) -> None:
    answer = client.embeddings.create(model=ALIAS, input=TEXTS[0], encoding_format="float")
    same(rows(answer), server.vectors(TEXTS[:1]))


def test_dimensions_are_unit_vectors(server: Target, client: Any) -> None:
    found = np.array(rows(client.embeddings.create(model=MODEL, input=TEXTS, dimensions=64)))
    cut = server.vectors(TEXTS)[:, :64]
    same(found, cut / np.linalg.norm(cut, axis=1, keepdims=True))


def test_token_ids_are_openais(server: Target, client: Any) -> None:
    encoding = lacking("tiktoken").get_encoding("cl100k_base")
    ids = [encoding.encode(text) for text in TEXTS]
    same(rows(client.embeddings.create(model=MODEL, input=ids)), server.vectors(TEXTS))
    same(rows(client.embeddings.create(model=MODEL, input=ids[0])), server.vectors(TEXTS[:1]))


def test_fields_of_others_go_in_the_extra_body(server: Target, client: Any) -> None:
    def embed(text: str, **more: Any) -> Any:
        return np.array(rows(client.embeddings.create(model=MODEL, input=[text], extra_body=more)))

    words = "one two three four five six seven"
    same(embed(words, truncate_prompt_tokens=5), server.vectors(["one two three"]))  # and two special tokens
    same(embed(words, task=None, late_chunking=False, normalized=True), server.vectors([words]))
    with pytest.raises(openai.BadRequestError):
        embed(words, task="no-such")


def test_late_chunks_know_each_other(server: Target, client: Any) -> None:
    chunks = ["Berlin is the capital of Germany.", "The city has many lakes."]
    late = np.array(
        rows(client.embeddings.create(model=MODEL, input=chunks, extra_body={"late_chunking": True}))
    )
    alone = server.vectors(chunks)
    assert late.shape == alone.shape
    assert (late @ late.T)[0, 1] > (alone @ alone.T)[0, 1]


def test_many_in_one_request_and_one_by_one(server: Target) -> None:
    async def embed() -> Any:
        async with openai.AsyncOpenAI(base_url=server.v1, api_key="unused") as client:
            whole = await client.embeddings.create(model=MODEL, input=MANY)
            single = (client.embeddings.create(model=MODEL, input=text) for text in MANY)
            return rows(whole), [rows(one)[0] for one in await asyncio.gather(*single)]

    whole, single = asyncio.run(embed())
    same(whole, server.vectors(MANY))
    same(single, whole)


def test_the_request_id_is_told_and_echoed(client: Any) -> None:
    raw = client.embeddings.with_raw_response.create(
        model=MODEL, input="a", extra_headers={"x-request-id": "mine-1"}
    )
    assert raw.headers["x-request-id"] == raw.parse()._request_id == "mine-1"
    assert client.embeddings.create(model=MODEL, input="a")._request_id


def test_models(client: Any) -> None:
    assert [one.id for one in client.models.list()] == [MODEL, ALIAS]
    assert client.models.retrieve(MODEL).id == MODEL
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("no-such")


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("NotFoundError", {"model": "no-such"}),
        ("BadRequestError", {"input": ""}),
        ("BadRequestError", {"input": []}),
        ("BadRequestError", {"input": ["a", None]}),
        ("BadRequestError", {"input": ["a"] * 2049}),
        ("BadRequestError", {"dimensions": 385}),
        ("BadRequestError", {"encoding_format": "xml"}),
    ],
)
def test_errors_have_their_class_and_the_requests_id(client: Any, kind: str, body: dict[str, Any]) -> None:
    with pytest.raises(getattr(openai, kind)) as caught:
        client.embeddings.create(**{"model": MODEL, "input": "a", **body})
    assert caught.value.type == "invalid_request_error"
    assert caught.value.request_id
    if "model" in body:
        assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


def test_a_key_is_asked_for(guarded: Target) -> None:
    wrong = openai.OpenAI(base_url=guarded.v1, api_key=WRONG_KEY, max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        wrong.embeddings.create(model=MODEL, input="a")
    right = openai.OpenAI(base_url=guarded.v1, api_key=KEY, max_retries=0)
    same(rows(right.embeddings.create(model=MODEL, input=TEXTS)), guarded.vectors(TEXTS))


def test_a_body_over_the_limit(guarded: Target) -> None:
    client = openai.OpenAI(base_url=guarded.v1, api_key=KEY, max_retries=0)
    with pytest.raises(openai.APIStatusError) as caught:
        client.embeddings.create(model=MODEL, input="word " * 300_000)
    assert caught.value.status_code == 413
