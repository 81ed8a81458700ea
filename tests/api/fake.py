"""An engine without models, in the shape that the API asks of the real one."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from vectord.core import SimpleToken, Task
from vectord.errors import (
    BackendFailed,
    EmptyInput,
    InvalidRequest,
    Overloaded,
    TooLong,
    UnknownModel,
    WrongTask,
)
from vectord.scheduler import (
    Aggregation,
    Classes,
    Embeddings,
    Entities,
    Entity,
    Policy,
    Precision,
    Prompt,
    Sparse,
    SparseVectors,
    TokenVectors,
    Truncation,
    Usage,
)
from vectord.scheduler.precision import EIGHT_BITS, check_precisions
from vectord.scheduler.prompt import UNPROMPTED
from vectord.scheduler.truncation import AS_SET

from .fake_served import LIMIT, VOCABULARY, WIDTH, FakeServed, Found, words
from .fake_served import card as card
from .fake_served import vector_of as vector_of
from .fake_vllm import FakeVllm

SCALE = 0.01
SECRET = "s3cr3t"


class FakeEngine(FakeVllm):
    """`held` requests wait for `release`; texts may ask for trouble by name."""

    def __init__(self) -> None:
        self.served: tuple[FakeServed, ...] = (
            FakeServed("mini", card("mini", "embed", "rerank"), aliases=("org/mini",)),
            FakeServed("cross", card("cross", "rerank")),
            FakeServed("many", card("many", "classify", "embed_all", "sparse", "token_classify")),
        )
        self.policy = Policy(tokenizer_threads=3)
        self.ready = True
        self.full = False
        self.beyond_repair = False
        self.admitted = 0
        self.calls: list[dict[str, Any]] = []
        self.held = asyncio.Event()
        self.release = asyncio.Event()
        self.cancelled = asyncio.Event()

    def find(self, name: str | None, task: Task) -> FakeServed:
        if name is None:
            native = [one for one in self.served if task == one.card.tasks[0]]
            return (native or [one for one in self.served if task in one.card.tasks])[0]
        found = self.named(name)
        if task not in found.card.tasks:
            raise WrongTask(f"{found.name} cannot {task}.", param="model")
        return found

    def named(self, name: str | None) -> FakeServed:
        if name is None:
            return self.served[0]
        for one in self.served:
            if name in (one.name, *one.aliases):
                return one
        raise UnknownModel("No such model; this server has: mini, cross.", param="model")

    def check_room(self) -> None:
        if self.full:
            raise Overloaded("Too many requests.", retry_after=2.3, reason="too_many_requests")

    @contextmanager
    def admit(self) -> Iterator[None]:
        self.check_room()
        self.admitted += 1
        try:
            yield
        finally:
            self.admitted -= 1

    async def embed(
        self,
        inputs: list[str] | list[list[int]],
        *,
        model: str | None = None,
        dimensions: int | None = None,
        normalize: bool = True,
        prompt: Prompt = UNPROMPTED,
        truncation: Truncation = AS_SET,
        precisions: Collection[Precision] = (),
        late_chunking: bool = False,
    ) -> Embeddings:
        self.calls.append(locals())
        if dimensions is not None and not 1 <= dimensions <= WIDTH:
            raise InvalidRequest(f"`dimensions` must be from 1 to {WIDTH}.", param="dimensions")
        usage = await self.run(list(inputs), truncation)
        rows = np.stack([vector_of(one) for one in inputs])[:, :dimensions]
        check_precisions(precisions, rows.shape[1])
        scale = SCALE if EIGHT_BITS.intersection(precisions) else None
        return Embeddings(model or "mini", usage, np.ascontiguousarray(rows), scale)

    async def rerank(
        self,
        query: str,
        documents: list[str],
        *,
        model: str | None = None,
        raw_scores: bool = False,
        instruction: str | None = None,
        truncation: Truncation = AS_SET,
    ) -> Found:
        self.calls.append(locals())
        usage = await self.run([query, *documents], truncation)
        scores = np.array([len(set(query) & set(one)) for one in documents], np.float32)
        if not raw_scores:
            scores = (scores / 100).astype(np.float32)
        return Found(model or "cross", usage, scores)

    async def embed_all(
        self,
        inputs: list[str] | list[list[int]],
        *,
        model: str | None = None,
        prompt: Prompt = UNPROMPTED,
        truncation: Truncation = AS_SET,
    ) -> TokenVectors:
        self.calls.append(locals())
        usage = await self.run(list(inputs), truncation)
        rows = [np.stack([vector_of(one)] * words(one)) for one in inputs]
        return TokenVectors(model or "many", usage, rows)

    async def sparse(
        self,
        inputs: list[str] | list[list[int]],
        *,
        model: str | None = None,
        prompt: Prompt = UNPROMPTED,
        truncation: Truncation = AS_SET,
    ) -> SparseVectors:
        self.calls.append(locals())
        usage = await self.run(list(inputs), truncation)
        rows = [Sparse(np.array([1, 7], np.int32), np.array([0.5, words(one)], np.float32)) for one in inputs]
        return SparseVectors(model or "many", usage, rows)

    async def classify(
        self,
        inputs: list[str | tuple[str, str]],
        *,
        model: str | None = None,
        raw_scores: bool = False,
        truncation: Truncation = AS_SET,
    ) -> Classes:
        self.calls.append(locals())
        flat = ["|".join(one) if isinstance(one, tuple) else str(one) for one in inputs]
        usage = await self.run(flat, truncation)
        scores = np.array([[0.1, "|" in one, 0.2] for one in flat], np.float32)
        return Classes(model or "many", usage, ("low", "pair", "mid"), scores)

    async def classify_tokens(
        self,
        texts: list[str],
        *,
        model: str | None = None,
        aggregation: Aggregation = "simple",
        truncation: Truncation = AS_SET,
    ) -> Entities:
        self.calls.append(locals())
        usage = await self.run(texts, truncation)
        row = 3 if aggregation == "none" else None
        found = [[Entity("PER", 0.75, text.split()[0], 0, len(text.split()[0]), row)] for text in texts]
        return Entities(model or "many", usage, found)

    async def tokenize(
        self,
        texts: list[str],
        *,
        model: str | None = None,
        special_tokens: bool = True,
        prompt: Prompt = UNPROMPTED,
    ) -> list[list[SimpleToken]]:
        self.calls.append(locals())
        await self.run(texts, AS_SET)
        first = [SimpleToken(2, "[CLS]", True, None, None)] if special_tokens else []
        return [[*first, SimpleToken(7, text, False, 0, len(text.encode()))] for text in texts]

    async def decode(
        self, ids: list[list[int]], *, model: str | None = None, skip_special_tokens: bool = True
    ) -> list[str]:
        self.calls.append(locals())
        await self.run(ids, AS_SET)
        return [" ".join(f"word{one}" for one in row) for row in ids]

    async def run(self, items: list[Any], truncation: Truncation) -> Usage:
        for item in items:
            self.judge(item, truncation)
        if "hold" in items:
            await self.hold()
        lengths = [words(item) for item in items]
        return Usage(sum(min(one, LIMIT) for one in lengths), tuple(max(0, one - LIMIT) for one in lengths))

    def judge(self, item: str | list[int], truncation: Truncation) -> None:
        if not item:
            raise EmptyInput("An input is empty.", param="input")
        if isinstance(item, list) and max(item) >= VOCABULARY:
            raise InvalidRequest("A token id is outside the vocabulary.", param="input")
        if words(item) > LIMIT and truncation.allowed is False:
            raise TooLong("An input is too long.", param="input")
        if item == "fail":
            raise BackendFailed("The model failed on this input.")
        if item == "bug":
            raise ValueError(f"nobody may see {SECRET}")

    async def hold(self) -> None:
        self.held.set()
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
