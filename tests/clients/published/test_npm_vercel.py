"""Vercel's AI SDK."""

from typing import Any

import pytest

from .npm import run
from .plain import TEXTS, Target, same

CLIENT = "Vercel ai (npm)"
ROUTES = ("POST /v1/embeddings",)


@pytest.fixture(scope="module")
def found(server: Target, guarded: Target) -> Any:
    return run("vercel.mjs", server, guarded)


@pytest.mark.parametrize("way", ["whole", "keyed"])
def test_vectors_are_the_plain_floats(server: Target, found: Any, way: str) -> None:
    same(found[way], server.vectors(TEXTS))


def test_one_text(server: Target, found: Any) -> None:
    same(found["single"], server.vectors(TEXTS[:1])[0])
    assert found["usage"]["tokens"] > len(TEXTS)


def test_errors_carry_status_and_message(found: Any) -> None:
    assert found["unknown"]["status"] == 404
    assert "no-such" in found["unknown"]["message"]
    assert found["unauthorized"]["status"] == 401
    assert "Incorrect API key provided" in found["unauthorized"]["message"]
