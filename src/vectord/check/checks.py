"""What answers must be like: vectors finite, of unit length, alike where texts are; rankings sane."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from .client import CheckFailed, Client

TEXT, ALIKE = "The capital of France is Paris.", "Paris is the capital city of France."
UNLIKE = "Add two eggs to the flour and stir until the dough is smooth."
QUERY = "What is the capital of France?"
DOCUMENTS = (UNLIKE, ALIKE, "The engine of the car needs new oil.")
BEST = DOCUMENTS.index(ALIKE)
LENGTH_ERROR = 0.01  # float16 and bfloat16 end well within it

Vector = Sequence[float]


def embed(client: Client, model: str, width: int | None) -> str:
    """Embed three texts; return what was found. `width`: dimensions that were promised.

    Raises `CheckFailed`.
    """
    answer = client.post("/v1/embeddings", {"model": model, "input": [TEXT, ALIKE, UNLIKE]})
    rows = vectors(answer, 3)
    for row in rows:
        check_vector(row, width or len(rows[0]))
    near, far = dot(rows[0], rows[1]), dot(rows[0], rows[2])
    if near <= far:
        raise CheckFailed(f"like texts have a cosine of {near:.3f}, unlike ones {far:.3f}")
    return f"{len(rows[0])} dimensions, cosine of like texts {near:.3f}, of unlike ones {far:.3f}"


def vectors(answer: Any, count: int) -> list[list[float]]:
    """Return the vectors of an answer in OpenAI's form, in the order of the inputs. Raises `CheckFailed`."""
    try:
        by_index = {one["index"]: one["embedding"] for one in answer["data"]}
        rows = [by_index[index] for index in range(count)]
    except (KeyError, TypeError):
        raise CheckFailed(f"the answer does not hold {count} vectors") from None
    if len(answer["data"]) != count:
        raise CheckFailed(f"{len(answer['data'])} vectors for {count} texts")
    if not all(isinstance(row, list) and row and all(map(is_number, row)) for row in rows):
        raise CheckFailed("a vector is no list of finite numbers")
    return rows


def check_vector(row: Vector, width: int) -> None:
    """Raise `CheckFailed` if a vector has another width or is not of unit length."""
    if len(row) != width:
        raise CheckFailed(f"a vector has {len(row)} dimensions, not {width}")
    length = math.sqrt(dot(row, row))
    if abs(length - 1) > LENGTH_ERROR:
        raise CheckFailed(f"a vector's length is {length:.3f}, not 1")


def rerank(client: Client, model: str, width: int | None) -> str:
    """Rank three documents; return what was found. Raises `CheckFailed`."""
    answer = client.post("/v1/rerank", {"model": model, "query": QUERY, "documents": [*DOCUMENTS]})
    try:
        ranked = [(one["index"], one["relevance_score"]) for one in answer["results"]]
    except (KeyError, TypeError):
        raise CheckFailed("the answer holds no results") from None
    scores = [score for _, score in ranked]
    if sorted(map(str, dict(ranked))) != list(map(str, range(len(DOCUMENTS)))) or len(ranked) != len(
        DOCUMENTS
    ):
        raise CheckFailed(f"the results are not each of {len(DOCUMENTS)} documents once")
    if not all(map(is_number, scores)):
        raise CheckFailed("a score is no finite number")
    if scores != sorted(scores, reverse=True):
        raise CheckFailed("the results are not in the order of their scores")
    if ranked[0][0] != BEST:
        raise CheckFailed("a document that has nothing to do with the query is ranked first")
    return f"the answer is first, with {scores[0]:.3f}; the next has {scores[1]:.3f}"


def is_number(value: object) -> bool:
    """Whether a JSON value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def dot(one: Vector, other: Vector) -> float:
    """Return the inner product."""
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


CHECKS: dict[str, Callable[[Client, str, int | None], str]] = {"embed": embed, "rerank": rerank}
