"""TEI's GET /info: every field, in TEI's order, with what holds for the model."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from vectord import __version__
from vectord.api.tei_info import model_type
from vectord.core import Head, Task

from .fake import card

FIRST = {
    "model_id": "mini",
    "model_sha": "abc",
    "model_dtype": "float32",
    "served_model_name": "mini",
    "model_type": {"embedding": {"pooling": "mean"}},
    "max_concurrent_requests": 7,
    "max_input_length": 6,
    "max_batch_tokens": 2048,
    "max_batch_requests": None,
    "max_client_batch_size": 33,
    "auto_truncate": False,
    "tokenization_workers": 3,
    "version": __version__,
    "sha": None,
    "docker_label": None,
    "replicas": 1,
}


async def test_all_fields(client_with: Any) -> None:
    async with client_with(
        max_concurrent_requests=7, max_client_batch_size=33, auto_truncate=False
    ) as client:
        answer = await client.get("/info")
    assert answer.json() == FIRST
    assert list(answer.json()) == list(FIRST)


async def test_the_model_that_is_asked_for(client: httpx.AsyncClient) -> None:
    async def name(query: str, headers: dict[str, str]) -> str:
        found: str = (await client.get(f"/info{query}", headers=headers)).json()["served_model_name"]
        return found

    assert await name("?model=org/mini", {"x-vectord-model": "cross"}) == "mini"
    assert await name("?model=many", {}) == "many"
    assert await name("?model=", {}) == "mini"
    assert await name("", {"x-vectord-model": "cross"}) == "cross"
    answer = await client.get("/info?model=gpt")
    assert (answer.status_code, answer.json()["error_type"]) == (404, "Validation")


LABELS = {"id2label": {"0": "no", "1": "yes"}, "label2id": {"no": 0, "yes": 1}}
TYPES: list[tuple[Task, tuple[str, ...], Head, Any]] = [
    ("classify", ("no", "yes"), Head("logits", "cls"), {"classifier": LABELS}),
    ("token_classify", ("no", "yes"), Head("token_logits", None), {"classifier": LABELS}),
    ("rerank", ("no", "yes"), Head("logits", "cls"), {"reranker": LABELS}),
    ("rerank", (), Head("embedding", "cls"), {"embedding": {"pooling": "cls"}}),
    ("embed", (), Head("embedding", "last-token"), {"embedding": {"pooling": "last-token"}}),
    ("sparse", (), Head("sparse", "max"), {"embedding": {"pooling": "splade"}}),
    ("embed_all", (), Head("vectors", None), {"embedding": {"pooling": "none"}}),
]


@pytest.mark.parametrize(("task", "labels", "head", "wanted"), TYPES)
async def test_kinds_of_models(
    client: httpx.AsyncClient, engine: Any, task: Task, labels: tuple[str, ...], head: Head, wanted: Any
) -> None:
    engine.served[0].card = replace(card("mini", task), labels=labels, heads=(head,))
    assert (await client.get("/info")).json()["model_type"] == wanted
    assert next(iter(wanted)) in type(model_type(engine.served[0].card)).__name__.lower()
