"""POST /pooling over real checkpoints: several kinds of vectors from one pass, and each by itself."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.checkpoints import answers, reference
from tests.shared import Checkpoints
from vectord.api import Metrics, create_app
from vectord.config import Settings
from vectord.core import Arrays, Batch, Output
from vectord.scheduler import Engine, Prompt

from .serving import INPUTS, engine, near

TEXTS = list(INPUTS)


@asynccontextmanager
async def serving(path: Path) -> AsyncIterator[tuple[httpx.AsyncClient, Engine]]:
    async with engine(path) as door:
        app = create_app(door, Settings(), Metrics())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://t") as client:
            yield client, door


async def pooled(client: httpx.AsyncClient, **body: Any) -> list[Any]:
    answer = await client.post("/pooling", json={"input": TEXTS, **body})
    assert answer.status_code == 200, answer.text
    return [one["data"] for one in answer.json()["data"]]


def by_id(weights: list[dict[str, Any]]) -> dict[int, float]:
    return {one["index"]: one["value"] for one in weights}


@pytest.mark.parametrize("family", ["bge_m3", "bge_m3_full"])
async def test_three_kinds_from_one_call_and_one_pass(
    checkpoint: Checkpoints, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = checkpoint(family)
    ran: list[tuple[int, frozenset[Output]]] = []
    async with serving(path) as (client, door):
        session = door.served[0].loaded.replicas[0].session
        run = session.run

        def noted(batch: Batch, outputs: Collection[Output]) -> Arrays:
            ran.append((len(batch), frozenset(outputs)))
            return run(batch, outputs)

        monkeypatch.setattr(type(session), "run", lambda _, batch, outputs: noted(batch, outputs))
        rows = await pooled(client, outputs=["dense", "sparse", "token_vectors"])
        limit = door.served[0].card.max_length
    assert sum(inputs for inputs, _ in ran) == len(TEXTS)
    assert all(len(outputs) == 3 for _, outputs in ran)
    for text, row, wanted in zip(TEXTS, rows, answers.bge_m3(path, TEXTS, limit), strict=True):
        near(row["dense"], wanted["dense"][0])
        near(row["token_vectors"], wanted["vectors"])
        right = answers.lexical(path, text, limit, wanted["weights"])
        found = by_id(row["sparse"])
        assert found.keys() == right.keys()
        near([found[index] for index in right], list(right.values()))


async def test_each_kind_by_itself(checkpoint: Checkpoints) -> None:
    async with serving(checkpoint("bge_m3")) as (client, _):
        rows = await pooled(client, outputs=["dense", "sparse", "token_vectors"])
        for task, kind in (("embed", "dense"), ("token_embed", "token_vectors")):
            for alone, row in zip(await pooled(client, task=task), rows, strict=True):
                near(alone, row[kind])
        for weights, row in zip(await pooled(client, task="sparse"), rows, strict=True):
            assert by_id(weights).keys() == by_id(row["sparse"]).keys()
        for alone, row in zip(await pooled(client), rows, strict=True):
            near(alone, row["dense"])


@pytest.mark.parametrize("input_type", ["query", "document"])
async def test_colberts_vectors_in_their_role(checkpoint: Checkpoints, input_type: str) -> None:
    path = checkpoint("bert_colbert")
    queries, documents, _ = answers.late(path, TEXTS, TEXTS)
    async with serving(path) as (client, door):
        rows = await pooled(client, input_type=input_type)
        same = await pooled(client, outputs=["token_vectors"], input_type=input_type)
        role = await door.embed_all(
            TEXTS, prompt=Prompt(role="query" if input_type == "query" else "document")
        )
    for row, again, other, right in zip(
        rows, same, role.vectors, queries if input_type == "query" else documents, strict=True
    ):
        near(row, right)
        near(again["token_vectors"], right)
        near(other, right)


async def test_splade_gives_weights(checkpoint: Checkpoints) -> None:
    path = checkpoint("bert_splade")
    async with serving(path) as (client, _):
        rows = await pooled(client)
        same = await pooled(client, outputs=["sparse"])
    for row, again, right in zip(rows, same, answers.sparse(path, TEXTS), strict=True):
        whole = np.zeros(right.shape[1], np.float32)
        whole[list(by_id(row))] = list(by_id(row).values())
        near(whole[None], right)
        assert again["sparse"] == row


async def test_scores_of_labels(checkpoint: Checkpoints) -> None:
    path = checkpoint("bert_classify")
    wanted = answers.label_scores(path, TEXTS)
    async with serving(path) as (client, door):
        rows, raw = await pooled(client), await pooled(client, use_activation=False)
        labels = door.served[0].card.labels
        vllms = (await client.post("/classify", json={"input": TEXTS})).json()["data"]
        infinitys = (await client.post("/classify", json={"input": TEXTS, "raw_scores": False})).json()[
            "data"
        ]
    near(rows, [[row[label] for label in labels] for row in wanted])
    near(raw, reference.logits(path, TEXTS))
    for one, other, right in zip(vllms, infinitys, wanted, strict=True):
        best = max(right, key=lambda label: right[label])
        assert (one["label"], other[0]["label"], one["num_classes"]) == (best, best, len(labels))
        near([one["probs"][labels.index(label)] for label in right], list(right.values()))
        near([row["score"] for row in other], sorted(right.values(), reverse=True))


async def test_scores_of_tokens_labels(checkpoint: Checkpoints) -> None:
    path = checkpoint("bert_ner")
    async with serving(path) as (client, door):
        rows, raw = await pooled(client), await pooled(client, use_activation=False)
        limit = door.served[0].card.max_length
    for row, logits, right in zip(rows, raw, answers.token_logits(path, TEXTS, limit), strict=True):
        near(logits, right)
        powers = np.exp(right)
        near(row, powers / powers.sum(axis=1, keepdims=True))
