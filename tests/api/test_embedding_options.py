"""What Jina, Voyage, vLLM and infinity send to /v1/embeddings, and what the engine is asked for it."""

from typing import Any

import httpx
import pytest

from vectord.scheduler import Prompt, Truncation

from .fake import FakeEngine


async def asked(client: httpx.AsyncClient, engine: FakeEngine, **options: Any) -> dict[str, Any]:
    """Return what the engine is asked."""
    answer = await client.post("/v1/embeddings", json={"input": "a", **options})
    assert answer.status_code == 200, answer.text
    return engine.calls[-1]


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, Truncation()),
        ({"truncate": True}, Truncation(True)),
        ({"truncate": False}, Truncation(False)),
        ({"truncate": "NONE"}, Truncation(False)),
        ({"truncate": "START"}, Truncation(True, "left")),
        ({"truncate": "End"}, Truncation(True, "right")),
        ({"truncation": True}, Truncation(True)),
        ({"truncation": False}, Truncation(False)),
        ({"truncate": None, "truncation": False}, Truncation(False)),
        ({"truncate_prompt_tokens": 3}, Truncation(True, None, 3)),
        ({"truncate_prompt_tokens": 3, "truncate": False}, Truncation(False, None, 3)),
        ({"truncate_prompt_tokens": -1}, Truncation()),
        ({"truncation_side": "left"}, Truncation(None, "left")),
        ({"truncation_direction": "Right"}, Truncation(None, "right")),
        ({"truncate": "START", "truncation_side": "right"}, Truncation(True, "left")),
    ],
    ids=str,
)
async def test_truncation(
    client: httpx.AsyncClient, engine: FakeEngine, options: dict[str, Any], wanted: Truncation
) -> None:
    assert (await asked(client, engine, **options))["truncation"] == wanted


@pytest.mark.parametrize(
    ("options", "wanted"),
    [
        ({}, Prompt()),
        ({"prompt": ""}, Prompt(text="")),
        ({"prompt": "say: ", "prompt_name": "query"}, Prompt(text="say: ", name="query")),
        ({"task": "retrieval.query"}, Prompt(task="retrieval.query")),
        ({"input_type": "document"}, Prompt(input_type="document")),
    ],
    ids=str,
)
async def test_prompts(
    client: httpx.AsyncClient, engine: FakeEngine, options: dict[str, Any], wanted: Prompt
) -> None:
    assert (await asked(client, engine, **options))["prompt"] == wanted


async def test_sizes(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    for options in ({"dimensions": 3}, {"output_dimension": 3}, {"dimensions": 3, "output_dimension": 5}):
        assert (await asked(client, engine, **options))["dimensions"] == 3


async def test_infinitys_client_always_sends_dimensions_0_and_a_modality(
    client: httpx.AsyncClient, engine: FakeEngine
) -> None:
    assert (await asked(client, engine, dimensions=0, modality="text"))["dimensions"] is None


@pytest.mark.parametrize("field", ["normalize", "normalized", "use_activation"])
async def test_raw_vectors(client: httpx.AsyncClient, engine: FakeEngine, field: str) -> None:
    for given, wanted in ((False, False), (True, True), (None, True)):
        assert (await asked(client, engine, **{field: given}))["normalize"] is wanted
    assert (await asked(client, engine))["normalize"] is True


async def test_late_chunking(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    for given, wanted in ((True, True), (False, False), (None, False)):
        assert (await asked(client, engine, late_chunking=given))["late_chunking"] is wanted


async def test_items_may_be_objects_with_a_text(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    items = [{"text": "a"}, "b", {"text": "c", "image": None, "more": [1]}]
    assert (await asked(client, engine, input=items))["inputs"] == ["a", "b", "c"]


async def test_what_voyages_client_sends(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    absent = dict.fromkeys(("output_dtype", "output_dimension", "input_type"))
    answer = await client.post(
        "/v1/embeddings",
        json={"input": ["a"], "model": "mini", "truncation": True, "encoding_format": "base64", **absent},
    )
    assert isinstance(answer.json()["data"][0]["embedding"], str)
    assert answer.json()["usage"]["total_tokens"] == 1


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "truncate a number": ({"truncate": 1}, "truncate"),
    "truncate a word": ({"truncate": "MIDDLE"}, "truncate"),
    "truncate a list": ({"truncate": []}, "truncate"),
    "truncation a word": ({"truncation": "yes"}, "truncation"),
    "a side": ({"truncation_side": "up"}, "truncation_side"),
    "a direction": ({"truncation_direction": 1}, "truncation_direction"),
    "no tokens": ({"truncate_prompt_tokens": 0}, "truncate_prompt_tokens"),
    "fewer tokens": ({"truncate_prompt_tokens": -2}, "truncate_prompt_tokens"),
    "half a token": ({"truncate_prompt_tokens": 1.5}, "truncate_prompt_tokens"),
    "a true token": ({"truncate_prompt_tokens": True}, "truncate_prompt_tokens"),
    "no output dimension": ({"output_dimension": 0}, "dimensions"),
    "a huge dimension": ({"dimensions": 2**70}, "dimensions"),
    "a prompt": ({"prompt": 1}, "prompt"),
    "a prompt's name": ({"prompt_name": ["query"]}, "prompt_name"),
    "an input type": ({"input_type": {}}, "input_type"),
    "normalised": ({"normalized": "no"}, "normalized"),
    "late chunking": ({"late_chunking": 1}, "late_chunking"),
    "another modality": ({"modality": "image"}, "modality"),
    "endianness": ({"endianness": "middle"}, "endianness"),
}


@pytest.mark.parametrize("case", BAD)
async def test_what_makes_no_sense_is_400_and_names_the_field(client: httpx.AsyncClient, case: str) -> None:
    options, param = BAD[case]
    answer = await client.post("/v1/embeddings", json={"input": "a", **options})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, param)
    assert "\n" not in error["message"]
