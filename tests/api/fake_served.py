"""Models that are served in name alone, and the numbers that they give."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vectord.core import Arch, Bid, Embedding, Head, ModelCard, Task
from vectord.scheduler import Answer, Limits
from vectord.scheduler.lane import Lane

WIDTH = 8
LIMIT = 6  # words
VOCABULARY = 1000


@dataclass(slots=True)
class FakeServed:
    name: str
    card: ModelCard
    aliases: tuple[str, ...] = ()
    bid: Bid = field(default_factory=lambda: Bid(1.0, "float32", "fake"))
    backend: str = "fake"
    created: int = 1_700_000_000
    batch_tokens: int = 2048
    ready: bool = True
    waiting: int = 0
    running: int = 0
    int8_scale: float | None = None
    abandoned: int = 0
    hits: int = 0
    replicas: int = 1
    lane: Lane = field(default_factory=lambda: Lane(Limits(64, 1000)))


def card(name: str, *tasks: Task) -> ModelCard:
    return ModelCard(
        name=name,
        source=name,
        path=Path("nowhere"),
        revision="abc",
        fingerprint="f00d",
        family="fake",
        network=Arch(WIDTH, Embedding(VOCABULARY), (), None, 512),
        heads=(Head("embedding" if "embed" in tasks else "logits", "mean"),),
        tasks=tasks,
        normalize=True,
        prompts={"query": "query: "},
        default_prompt=None,
        max_length=LIMIT,
        pad_id=0,
        labels=(),
        tensors={},
    )


@dataclass(frozen=True, slots=True)
class Found(Answer):
    """Both `Embeddings` and `Scores`."""

    vectors: NDArray[np.float32]

    @property
    def scores(self) -> NDArray[np.float32]:
        return self.vectors


def vector_of(item: str | list[int]) -> NDArray[np.float32]:
    seed = item.encode() if isinstance(item, str) else bytes(one % 256 for one in item)
    row = np.random.default_rng(list(seed)).standard_normal(WIDTH).astype(np.float32)
    return (row / np.linalg.norm(row)).astype(np.float32)


def words(item: str | list[int]) -> int:
    return len(item.split()) if isinstance(item, str) else len(item)
