"""Cohere's SDK for JavaScript."""

from typing import Any

import pytest

from .npm import run
from .plain import DOCUMENTS, TEXTS, Target, ranks, same

CLIENT = "cohere-ai (npm)"
ROUTES = ("POST /v1/embed", "POST /v1/rerank", "POST /v2/embed", "POST /v2/rerank")


@pytest.fixture(scope="module")
def found(server: Target, guarded: Target) -> Any:
    return run("cohere.mjs", server, guarded)


def test_rerank_in_both_versions(server: Target, found: Any) -> None:
    for one in (*found["ranked"], found["keyed"]):
        ranks(one, server.scores())
    ranks(found["best"], server.scores(), 2)
    order = [index for index, _ in found["ranked"][0]]
    assert found["documents"] == [DOCUMENTS[index] for index in order]


def test_embed_in_both_versions(server: Target, found: Any) -> None:
    for one in (*found["embedded"], found["plain"]):
        same(one, server.vectors(TEXTS))


def test_errors_carry_the_status(found: Any) -> None:
    assert found["unknown"]["status"] == 404
    assert found["unauthorized"]["status"] == 401
