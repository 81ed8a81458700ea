"""OpenAI's SDK for JavaScript."""

from typing import Any

import pytest

from .npm import run
from .plain import ALIAS, MODEL, TEXTS, Target, same

CLIENT = "openai (npm)"
ROUTES = ("POST /v1/embeddings", "GET /v1/models")


@pytest.fixture(scope="module")
def found(server: Target, guarded: Target) -> Any:
    return run("openai.mjs", server, guarded)


@pytest.mark.parametrize("way", ["whole", "floats", "alone", "keyed"])
def test_vectors_are_the_plain_floats(server: Target, found: Any, way: str) -> None:
    same(found[way], server.vectors(TEXTS))


def test_dimensions(server: Target, found: Any) -> None:
    same(found["cut"], server.vectors(TEXTS, dimensions=64))


def test_what_it_tells(found: Any) -> None:
    assert found["usage"]["prompt_tokens"] > len(TEXTS)
    assert found["requestId"]
    assert found["models"] == [MODEL, ALIAS]


def test_errors_have_their_class(found: Any) -> None:
    kinds = {name: found[name]["kind"] for name in ("unknown", "empty", "unauthorized")}
    expected = {"unknown": "NotFoundError", "empty": "BadRequestError", "unauthorized": "AuthenticationError"}
    assert kinds == expected
