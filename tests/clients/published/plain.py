"""What the server says when it is asked in the plainest way: what every client's answer is held against."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import pytest
from numpy.typing import NDArray

MODEL = "all-MiniLM-L6-v2"
ALIAS = "text-embedding-3-small"
KEY = "sk-test-1234"
WRONG_KEY = "sk-of-somebody-else"

QUERY = "What is the capital of France?"
DOCUMENTS = [
    "Bananas are yellow and grow in the tropics.",
    "The quick brown fox jumps over the lazy dog.",
    "Paris is the capital and most populous city of France.",
    "Berlin is the capital of Germany.",
    "Où est la bibliothèque ? 🙂 机器学习",
]
BEST, SECOND = 2, 3
TEXTS = [QUERY, *DOCUMENTS, "  whitespace\t is  content ", "a long text about many words " * 100]
MANY = [f"text {index} about {'cats and dogs ' * (index % 9)}" for index in range(200)]


@dataclass(frozen=True)
class Target:
    """A server: clients ask at `url`, where routes are noted; the reference is asked at `direct`."""

    url: str
    direct: str

    @property
    def v1(self) -> str:
        return f"{self.url}/v1"

    def post(self, path: str, key: str = KEY, **body: Any) -> Any:
        headers = {"authorization": f"Bearer {key}"}
        answer = httpx.post(f"{self.direct}{path}", json=body, headers=headers, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def vectors(self, texts: Sequence[Any], model: str = MODEL, **more: Any) -> NDArray[np.float64]:
        """Return float vectors of shape (texts, dimensions)."""
        body = {"input": list(texts), "model": model, "encoding_format": "float", **more}
        return np.array([one["embedding"] for one in self.post("/v1/embeddings", **body)["data"]])

    def scores(self, documents: Sequence[str] = DOCUMENTS, query: str = QUERY, **more: Any) -> Any:
        """Return scores of shape (documents,), in the documents' order."""
        answer = self.post("/v1/rerank", query=query, documents=list(documents), **more)
        by_index = {one["index"]: one["relevance_score"] for one in answer["results"]}
        return np.array([by_index[index] for index in range(len(documents))])


def same(found: Any, expected: Any, atol: float = 1e-5) -> None:
    """Both have one shape, and no figure differs by more than float32 rounds in another batch."""
    assert np.shape(found) == np.shape(expected)
    np.testing.assert_allclose(np.asarray(found, dtype=np.float64), expected, rtol=0, atol=atol)


def ranks(found: Sequence[tuple[int, float]], expected: Any, top_n: int | None = None) -> None:
    """The pairs of index and score come best first, carry the right scores, and tell Paris from bananas."""
    indices, scores = [index for index, _ in found], [score for _, score in found]
    assert len(found) == (top_n or len(expected))
    assert scores == sorted(scores, reverse=True)
    assert indices[:2] == [BEST, SECOND]
    same(scores, np.asarray(expected)[indices])


def lacking(module: str) -> Any:
    """Return a client's module, or skip its tests by name where it cannot be installed."""
    return pytest.importorskip(module, reason=f"{module} is not installed")
