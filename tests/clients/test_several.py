"""Several models on one port: who answers what."""

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from ..checkpoints import PAIRS
from ..server import Server

QUERY = PAIRS[0][0]
DOCUMENTS = [text for _, text in PAIRS]


@pytest.fixture(scope="module")
def logits(reranker: Path) -> Any:
    from ..checkpoints.reference import logits

    return logits(reranker, [(QUERY, document) for document in DOCUMENTS])[:, 0]


def post(server: Server, path: str, **body: Any) -> httpx.Response:
    return httpx.post(f"{server.url}{path}", json=body, timeout=30)


def ranking(server: Server, path: str = "/rerank", **body: Any) -> tuple[str, Any]:
    """Return which model answered, and the scores in the documents' order."""
    answer = post(server, path, query=QUERY, documents=DOCUMENTS, **body)
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    scores = [one["relevance_score"] for one in results]
    assert scores == sorted(scores, reverse=True)
    by_index = {one["index"]: one["relevance_score"] for one in results}
    return answer.json()["model"], np.array([by_index[index] for index in range(len(DOCUMENTS))])


@pytest.mark.parametrize("path", ["/rerank", "/v1/rerank", "/v2/rerank"])
def test_without_a_name_the_cross_encoder_reranks(several: Server, path: str, logits: Any) -> None:
    model, scores = ranking(several, path)
    assert model == "cross"
    np.testing.assert_allclose(scores, 1 / (1 + np.exp(-logits)), atol=1e-5)


def test_raw_scores_are_the_logits(several: Server, logits: Any) -> None:
    _, scores = ranking(several, raw_scores=True)
    np.testing.assert_allclose(scores, logits, atol=1e-4)


@pytest.mark.parametrize("name", ["mini", "text-embedding-3-small"])
def test_by_its_name_the_embedder_reranks_by_cosine(several: Server, name: str) -> None:
    model, scores = ranking(several, model=name, raw_scores=True)
    answer = post(several, "/v1/embeddings", input=[QUERY, *DOCUMENTS], model="mini").json()
    rows = np.array([one["embedding"] for one in answer["data"]])
    assert model == name
    np.testing.assert_allclose(scores, rows[1:] @ rows[0], atol=2e-2)  # bfloat16 where the CPU has it
    _, halved = ranking(several, model=name)
    np.testing.assert_allclose(halved, (1 + scores) / 2, atol=1e-6)


def test_without_a_name_the_embedder_embeds_although_it_is_second(several: Server) -> None:
    assert post(several, "/v1/embeddings", input="a").json()["model"] == "mini"


def test_an_alias_is_the_same_model(several: Server) -> None:
    rows = [
        post(several, "/v1/embeddings", input="same", model=name).json()["data"][0]["embedding"]
        for name in ("mini", "text-embedding-3-small")
    ]
    assert rows[0] == rows[1]
    listed = httpx.get(f"{several.url}/v1/models").json()["data"]
    assert [one["id"] for one in listed] == ["cross", "mini", "text-embedding-3-small"]


def test_a_model_that_cannot_do_the_task_is_400_and_says_what_it_can(several: Server) -> None:
    answer = post(several, "/v1/embeddings", input="a", model="cross")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["param"]) == (400, "model_cannot_do_task", "model")
    assert error["message"] == "cross cannot embed; it can rerank and classify"


@pytest.mark.parametrize("path", ["/v1/embeddings", "/rerank"])
def test_an_unknown_model_is_404_and_lists_the_served_ones(several: Server, path: str) -> None:
    body = {"input": "a"} if path == "/v1/embeddings" else {"query": "a", "documents": ["b"]}
    answer = post(several, path, model="gpt-4", **body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")
    assert "cross, mini" in answer.json()["error"]["message"]


def test_every_model_is_ready_and_has_its_precision(several: Server) -> None:
    models = httpx.get(f"{several.url}/readyz").json()["models"]
    assert [(one["id"], one["ready"]) for one in models] == [("cross", True), ("mini", True)]
    listed = httpx.get(f"{several.url}/v1/models").json()["data"]
    assert listed[0]["vectord"]["dtype"] == "float32"  # scores show what cosines forgive
