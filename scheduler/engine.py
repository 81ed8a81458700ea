"""The front door: embed and rerank by model name. The HTTP server asks it, and so does a library user."""

import asyncio
from collections.abc import Callable, Iterator, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from vectord.core import Encoding, Side, Task
from vectord.errors import EmptyInput, InvalidRequest, TooLong

from .admission import Admission
from .directory import Directory
from .rows import cosines, cut, sigmoid, unit
from .served import Served

Array = NDArray[np.float32]
Input = TypeVar("Input", bound=Sized)
INLINE_LENGTH = 4_000  # characters or ids; tokenising this much takes less time than a change of threads
SLICE_LENGTH = 32_000  # of what a thread tokenises at a time, some 10 ms


@dataclass(frozen=True, slots=True)
class Policy:
    """What the server does where a request leaves it open."""

    max_concurrent_requests: int = 512
    auto_truncate: bool = True
    tokenizer_threads: int = 1


@dataclass(frozen=True, slots=True)
class Embeddings:
    """`vectors` is (inputs, width) in the asked order; `tokens` were run; `truncated` inputs were cut."""

    model: str
    vectors: Array
    tokens: int
    truncated: int


@dataclass(frozen=True, slots=True)
class Scores:
    """`scores` is (documents,) in the asked order; `tokens` were run; `truncated` inputs were cut."""

    model: str
    scores: Array
    tokens: int
    truncated: int


class Engine:
    """Serves models. Close it when done, or use it as an asynchronous context manager."""

    def __init__(self, served: Sequence[Served], policy: Policy) -> None:
        self._directory = Directory(served)
        self._policy = policy
        self._admission = Admission(policy.max_concurrent_requests, self._wait_seconds)
        self._tokenizing = ThreadPoolExecutor(policy.tokenizer_threads, "tokenizer")

    async def embed(
        self,
        inputs: Sequence[str] | Sequence[Sequence[int]],
        *,
        model: str | None = None,
        dimensions: int | None = None,
        normalize: bool = True,
        prompt_name: str | None = None,
        truncate: bool | None = None,
        truncation_side: Side | None = None,
    ) -> Embeddings:
        """Embed texts or token ids.

        `dimensions` cuts each vector; `normalize` makes it a unit vector (always so where the checkpoint
        has a Normalize module); without `truncation_side` the checkpoint's own is cut. Raises
        `InvalidRequest`, `UnknownModel`, `WrongTask`, `Overloaded`, `BackendFailed`.
        """
        served = self.find(model, "embed")
        check_dimensions(served, dimensions)
        encodings = await self._encode(served, inputs, served.prompt(prompt_name), truncation_side)
        if not self._may_cut(truncate):
            check_lengths(served, encodings, "input", "input {}")
        rows = cut(await run(served, encodings), dimensions)
        vectors = unit(rows) if normalize or served.card.normalize else rows
        return Embeddings(served.name, vectors, *usage(encodings))

    async def rerank(
        self,
        query: str,
        documents: Sequence[str],
        *,
        model: str | None = None,
        raw_scores: bool = False,
        truncate: bool | None = None,
    ) -> Scores:
        """Score documents for a query.

        A cross-encoder's score is the sigmoid of its logit, an embedder's (1 + cosine) / 2; `raw_scores`
        gives the logit or the cosine. Raises what `embed` raises.
        """
        served = self.find(model, "rerank")
        check_texts([query], "query")
        check_texts(documents, "documents")
        if served.card.head.output == "embedding":
            return await self._rerank_by_cosine(served, query, documents, raw_scores, truncate)
        tokenizer, limit = served.loaded.tokenizer, served.card.max_length
        pairs = await self._tokenize(
            lambda part: tokenizer.encode_pairs(query, part, limit), documents, beside=len(query)
        )
        if not self._may_cut(truncate):
            alone = await self._tokenize(lambda part: tokenizer.encode(part, limit), [query])
            check_lengths(served, alone, "query")
            check_lengths(served, pairs, "documents", "document {} with the query")
        logits: Array = (await run(served, pairs))[:, 0]
        return Scores(served.name, logits if raw_scores else sigmoid(logits), *usage(pairs))

    def find(self, name: str | None, task: Task) -> Served:
        """Return the model that a request means. Raises `UnknownModel`, `WrongTask`."""
        return self._directory.find(name, task)

    def named(self, name: str) -> Served:
        """Return a model by name. Raises `UnknownModel`."""
        return self._directory.named(name)

    def admit(self) -> AbstractContextManager[None]:
        """Count a request against `max_concurrent_requests`. Raises `Overloaded`."""
        return self._admission.admit()

    @property
    def served(self) -> tuple[Served, ...]:
        """The models, in command-line order."""
        return self._directory.served

    @property
    def ready(self) -> bool:
        """Whether every model can answer."""
        return all(served.ready for served in self.served)

    def close(self) -> None:
        """Stop every runner and free the models."""
        self._tokenizing.shutdown(wait=False, cancel_futures=True)
        for served in self.served:
            served.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    async def _rerank_by_cosine(
        self, served: Served, query: str, documents: Sequence[str], raw_scores: bool, truncate: bool | None
    ) -> Scores:
        prompts = served.card.prompts
        asked = prompts.get("query", served.prompt(None)) + query
        before = next(
            (prompts[name] for name in ("document", "passage") if name in prompts), served.prompt(None)
        )
        encodings = await self._encode(served, [asked, *(before + text for text in documents)], "", None)
        if not self._may_cut(truncate):
            check_lengths(served, encodings[:1], "query")
            check_lengths(served, encodings[1:], "documents", "document {}")
        rows = await run(served, encodings)
        similarity = cosines(rows[0], rows[1:])
        scores = similarity if raw_scores else (similarity + np.float32(1)) / np.float32(2)
        return Scores(served.name, scores, *usage(encodings))

    async def _encode(
        self, served: Served, inputs: Sequence[str] | Sequence[Sequence[int]], prompt: str, side: Side | None
    ) -> list[Encoding]:
        tokenizer, limit = served.loaded.tokenizer, served.card.max_length
        texts = [one for one in inputs if isinstance(one, str)]
        if len(texts) == len(inputs):
            check_texts(texts, "input")
            texts = [prompt + text for text in texts] if prompt else texts
            return await self._tokenize(lambda part: tokenizer.encode(part, limit, side), texts)
        rows = [one for one in inputs if not isinstance(one, str)]
        return await self._tokenize(
            lambda part: [tokenizer.wrap(token_array(row), limit, side) for row in part], rows
        )

    async def _tokenize(
        self, work: Callable[[list[Input]], list[Encoding]], inputs: Sequence[Input], *, beside: int = 0
    ) -> list[Encoding]:
        """Tokenise in slices: a thread cannot be stopped, so a client that left costs one of them.

        `beside` is the length of what is tokenised with each slice; slices are no shorter.
        """
        if sum(map(len, inputs)) + beside <= INLINE_LENGTH:
            return work(list(inputs))
        encodings: list[Encoding] = []
        loop = asyncio.get_running_loop()
        for part in slices(inputs, max(SLICE_LENGTH, beside)):
            encodings += await loop.run_in_executor(self._tokenizing, work, part)
        return encodings

    def _may_cut(self, truncate: bool | None) -> bool:
        return self._policy.auto_truncate if truncate is None else truncate

    def _wait_seconds(self) -> float:
        return max((served.lane.wait_seconds for served in self.served), default=0.0)


async def run(served: Served, encodings: Sequence[Encoding]) -> Array:
    """Return the model's rows; cancelling it takes the inputs that have not run out of the lane."""
    return await asyncio.wrap_future(served.lane.submit(encodings).future)


def slices(inputs: Sequence[Input], length: int) -> Iterator[list[Input]]:
    """Yield inputs that stand together and reach this length, in characters or ids; then the rest."""
    part: list[Input] = []
    size = 0
    for one in inputs:
        part.append(one)
        size += len(one)
        if size >= length:
            yield part
            part, size = [], 0
    if part:
        yield part


def usage(encodings: Sequence[Encoding]) -> tuple[int, int]:
    """Return how many tokens were run and how many inputs were cut."""
    return sum(map(len, encodings)), sum(encoding.cut > 0 for encoding in encodings)


def check_texts(texts: Sequence[str], param: str) -> None:
    """Raise `EmptyInput` for an empty text or none at all. Whitespace is content."""
    if not texts:
        raise EmptyInput(f"{param} is empty", param=param)
    for index, text in enumerate(texts):
        if not text:
            which = param if len(texts) == 1 else f"{param} {index}"
            raise EmptyInput(f"{which} is an empty string", param=param)


def check_lengths(
    served: Served, encodings: Sequence[Encoding], param: str, which: str = "the query"
) -> None:
    """Raise `TooLong` for the first input over the model's limit; `{}` in `which` stands for its index."""
    for index, encoding in enumerate(encodings):
        if encoding.cut:
            tokens = len(encoding) + encoding.cut
            raise TooLong(
                f"{which.format(index)} has {tokens} tokens; {served.name} takes {served.card.max_length}",
                param=param,
            )


def check_dimensions(served: Served, dimensions: int | None) -> None:
    """Raise `InvalidRequest` for a size that the model's vectors do not have."""
    if dimensions is not None and not 1 <= dimensions <= served.card.width:
        raise InvalidRequest(
            f"dimensions must be from 1 to {served.card.width} for {served.name}", param="dimensions"
        )


def token_array(ids: Sequence[int]) -> NDArray[np.int32]:
    """Return a client's token ids as an array. Raises `InvalidRequest` for one that no vocabulary has."""
    if not ids:
        raise EmptyInput("an input is an empty list of token ids", param="input")
    try:
        return np.array(ids, np.int32)
    except OverflowError:
        raise InvalidRequest("a token id is outside the vocabulary", param="input") from None
