"""LangChain's OpenAIEmbeddings for JavaScript."""

from typing import Any

import pytest

from .npm import run
from .plain import TEXTS, Target, same

CLIENT = "@langchain/openai (npm)"
ROUTES = ("POST /v1/embeddings",)


@pytest.fixture(scope="module")
def found(server: Target, guarded: Target) -> Any:
    return run("langchain.mjs", server, guarded)


@pytest.mark.parametrize("way", ["whole", "keyed"])
def test_vectors_are_the_plain_floats(server: Target, found: Any, way: str) -> None:
    same(found[way], server.vectors(TEXTS))


def test_one_text_and_dimensions(server: Target, found: Any) -> None:
    same(found["single"], server.vectors(TEXTS[:1])[0])
    same(found["cut"], server.vectors(TEXTS, dimensions=64))


def test_errors_are_openais(found: Any) -> None:
    assert found["unknown"]["status"] == 404
    assert found["unauthorized"]["status"] == 401
