"""Texts to encodings, in the event loop where they are short and in threads of their own where not."""

import asyncio
from collections.abc import Callable, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from vectord.core import Encoding, Side, Spanned, Tokenizer

from .checks import check_lengths, check_texts, token_array
from .late import Role, encode_role
from .served import Served

Result = TypeVar("Result")
Inputs = Sequence[str] | Sequence[Sequence[int]]
INLINE_LENGTH = 4_000  # characters or ids; tokenising this much takes less time than a change of threads


class Encoder:
    """Encodes for any model; `auto_truncate` is whether inputs are cut when the request does not say."""

    def __init__(self, threads: int, auto_truncate: bool) -> None:
        self._pool = ThreadPoolExecutor(threads, "tokenizer")
        self._auto_truncate = auto_truncate

    async def inputs(
        self, served: Served, inputs: Inputs, prompt: str, truncate: bool | None, side: Side = "right"
    ) -> list[Encoding]:
        """Encode texts, each after the prompt, or token ids. Raises `TooLong`, `EmptyInput`."""
        limit = served.card.max_length
        texts = [one for one in inputs if isinstance(one, str)]
        if len(texts) == len(inputs):
            check_texts(texts, "input")
            texts = [prompt + text for text in texts] if prompt else texts
            return await self.encode(
                served, texts, truncate, lambda tokenizer: tokenizer.encode(texts, limit, side)
            )
        rows = [one for one in inputs if not isinstance(one, str)]
        return await self.encode(
            served,
            rows,
            truncate,
            lambda tokenizer: [tokenizer.wrap(token_array(row), limit, side) for row in rows],
        )

    async def encode(
        self,
        served: Served,
        inputs: Sequence[Sized],
        truncate: bool | None,
        work: Callable[[Tokenizer], list[Encoding]],
    ) -> list[Encoding]:
        """Do the work with the model's tokenizer; refuse what was cut unless cutting is allowed."""
        found = await self._somewhere(inputs, lambda: work(served.loaded.tokenizer))
        if not (self._auto_truncate if truncate is None else truncate):
            check_lengths(served, found)
        return found

    async def in_role(
        self, served: Served, texts: list[str], role: Role, truncate: bool | None
    ) -> list[Encoding]:
        """Encode texts as queries or documents of a ColBERT model."""
        late, limit = served.card.late, served.card.max_length
        assert late is not None
        before = served.prompt(None, role)
        asked = [before + text for text in texts] if before else texts
        return await self.encode(
            served, asked, truncate, lambda tokenizer: encode_role(tokenizer, asked, late, role, limit)
        )

    async def spans(self, served: Served, texts: list[str], truncate: bool | None) -> list[Spanned]:
        """Encode texts and keep where each token stands in its text."""
        limit = served.card.max_length
        found = await self._somewhere(texts, lambda: served.loaded.tokenizer.encode_spans(texts, limit))
        if not (self._auto_truncate if truncate is None else truncate):
            check_lengths(served, [one.encoding for one in found])
        return found

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _somewhere(self, inputs: Sequence[Sized], work: Callable[[], Result]) -> Result:
        if sum(map(len, inputs)) <= INLINE_LENGTH:
            return work()
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)
