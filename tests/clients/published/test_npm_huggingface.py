"""@huggingface/inference, which posts every task to the bare URL."""

from typing import Any

import numpy as np
import pytest

from .npm import run
from .plain import BEST, DOCUMENTS, QUERY, TEXTS, Target, same

CLIENT = "@huggingface/inference (npm)"
ROUTES = ("POST /",)


@pytest.fixture(scope="module")
def found(server: Target, guarded: Target) -> Any:
    return run("huggingface.mjs", server, guarded)


@pytest.mark.parametrize("way", ["whole", "keyed"])
def test_vectors_are_the_plain_floats(server: Target, found: Any, way: str) -> None:
    same(found[way], server.vectors(TEXTS))


def test_one_text(server: Target, found: Any) -> None:
    same(np.squeeze(found["single"]), server.vectors(TEXTS[:1])[0])


def test_similarity(server: Target, found: Any) -> None:
    rows = server.vectors([QUERY, *DOCUMENTS])
    same(found["similarity"], rows[1:] @ rows[0])
    assert int(np.argmax(found["similarity"])) == BEST


def test_errors_carry_the_status(found: Any) -> None:
    assert found["unauthorized"]["status"] == 401
    assert found["empty"]["status"] == 400
