"""Texts to encodings, in the event loop where they are short and in threads of their own where not."""

import asyncio
from collections.abc import Callable, Iterator, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from vectord.core import Encoding, Ids, SimpleToken, Spanned
from vectord.errors import InvalidRequest

from .checks import check_lengths, check_texts, check_tokens, token_array, which
from .late import encode_role
from .phases import tokenising
from .prompt import NO_ADAPTER, Prompt, Role, adapter_of
from .served import Served
from .truncation import Truncation

Input = TypeVar("Input", bound=Sized)
Result = TypeVar("Result")
Inputs = Sequence[str | Sequence[int]]
Subject = str | tuple[str, str] | list[int]
INLINE_LENGTH = 4_000  # characters or ids; tokenising this much takes less time than a change of threads
EACH = 32  # characters whose tokenising takes as long as what every input takes by itself
NO_LIMIT = 2**31 - 1
SLICE_LENGTH = 32_000  # of what a thread tokenises at a time, some 10 ms


class Encoder:
    """Encodes for any model; `auto_truncate` is whether inputs are cut when the request does not say.

    What is cut although it may not be raises `TooLong`. `most_tokens` bounds a request for vectors.
    """

    def __init__(self, threads: int, auto_truncate: bool, most_tokens: int) -> None:
        self._pool = ThreadPoolExecutor(threads, "tokenizer")
        self._auto_truncate = auto_truncate
        self._most_tokens = most_tokens

    async def inputs(
        self, served: Served, inputs: Inputs, prompt: Prompt, truncation: Truncation
    ) -> list[Encoding]:
        """Encode texts, each after the prompt, and ids; for the prompt's adapter. Raises `EmptyInput`."""
        adapter, before = adapter_of(served.card, prompt), served.prompt(prompt)
        taken = await self._taken(served, inputs)
        texts = [one for one in taken if isinstance(one, str)]
        rows = [one for one in taken if not isinstance(one, str)]
        of_texts = iter(await self._texts(served, texts, before, truncation))
        of_rows = iter(await self._rows(served, rows, truncation))
        found = [next(of_texts if isinstance(one, str) else of_rows) for one in taken]
        self.check(served, found, truncation)
        self.check_total(found)
        return found if adapter == NO_ADAPTER else [replace(one, adapter=adapter) for one in found]

    def check(self, served: Served, found: Sequence[Encoding], truncation: Truncation) -> None:
        """Raise `TooLong` for the first input that is cut although it may not be."""
        if not self.may_cut(truncation):
            check_lengths(served, found, "input", "input {}")

    def check_total(self, found: Sequence[Encoding]) -> None:
        """Raise `TooManyTokens` for more than a request for vectors may have."""
        check_tokens(found, self._most_tokens)

    async def texts(self, served: Served, inputs: Inputs, why_not_ids: str) -> list[str]:
        """Return the inputs as texts. Raises `InvalidRequest` if they are token ids of the model."""
        texts = [one for one in await self._taken(served, inputs) if isinstance(one, str)]
        if len(texts) != len(inputs):
            raise InvalidRequest(why_not_ids, param="input")
        return texts

    async def _taken(self, served: Served, inputs: Inputs) -> Inputs:
        """Return the inputs with ids of a client's own vocabulary as texts.

        Raises `EmptyInput`, and `InvalidRequest` for ids where the server takes none.
        """
        check_texts(inputs, "input")
        rows = [one for one in inputs if not isinstance(one, str)]
        match served.token_ids:
            case "model":
                return inputs
            case "reject" if rows:
                raise InvalidRequest(
                    f"{served.name} takes no token ids here: send text "
                    "(LangChain: check_embedding_ctx_length=False)",
                    param="input",
                )
            case "reject":
                return inputs
            case vocabulary:
                found = await self.encode(lambda part: list(map(vocabulary.text, part)), rows, characters=0)
                check_texts(found or inputs, "input")
                texts = iter(found)
                return [one if isinstance(one, str) else next(texts) for one in inputs]

    async def bare(self, served: Served, texts: list[str]) -> list[Ids]:
        """Return the token ids of texts, whole and without special tokens."""
        tokenizer = served.loaded.tokenizer
        found = await self.encode(lambda part: tokenizer.encode_prompted("", part, "", NO_LIMIT), texts)
        return [one.token_ids for one in found]

    async def _texts(
        self, served: Served, texts: list[str], before: str, truncation: Truncation
    ) -> list[Encoding]:
        """Encode texts, each after the same other."""
        tokenizer, limit, side = served.loaded.tokenizer, truncation.limit(served.card), truncation.side
        asked = [before + text for text in texts] if before else texts
        return await self.encode(
            lambda part: tokenizer.encode(part, limit, side), asked, characters=sum(map(len, texts))
        )

    async def _rows(
        self, served: Served, rows: list[Sequence[int]], truncation: Truncation
    ) -> list[Encoding]:
        """Encode a client's ids."""
        tokenizer, limit, side = served.loaded.tokenizer, truncation.limit(served.card), truncation.side
        return await self.encode(
            lambda part: [tokenizer.wrap(token_array(row), limit, side) for row in part], rows
        )

    async def subjects(
        self, served: Served, subjects: Sequence[Subject], truncation: Truncation
    ) -> list[Encoding]:
        """Encode texts, pairs of texts, and ids."""
        tokenizer, limit, side = served.loaded.tokenizer, truncation.limit(served.card), truncation.side

        def encoded(one: Subject) -> Encoding:
            if isinstance(one, str):
                return tokenizer.encode([one], limit, side)[0]
            if isinstance(one, list):
                return tokenizer.wrap(token_array(one), limit, side)
            return tokenizer.encode_pairs(one[0], [one[1]], limit, side)[0]

        size = sum(sum(map(len, one)) if isinstance(one, tuple) else len(one) for one in subjects)
        found = await self._somewhere(len(subjects), size, lambda: [encoded(one) for one in subjects])
        if not self.may_cut(truncation):
            check_lengths(served, found, "inputs", "input {}")
        return found

    async def in_role(
        self, served: Served, texts: list[str], role: Role, truncation: Truncation
    ) -> list[Encoding]:
        """Encode texts as queries or documents of a ColBERT model."""
        tokenizer, late, limit = served.loaded.tokenizer, served.card.late, truncation.limit(served.card)
        side = truncation.side
        assert late is not None
        before = served.prompt(Prompt(role=role))
        asked = [before + text for text in texts] if before else texts
        found = await self.encode(
            lambda part: encode_role(tokenizer, part, late, role, limit, side),
            asked,
            characters=sum(map(len, texts)),
        )
        if not self.may_cut(truncation):
            told = ("query", which("query", texts)) if role == "query" else ("documents", "document {}")
            check_lengths(served, found, *told)
        return found

    async def spans(self, served: Served, texts: list[str], truncation: Truncation) -> list[Spanned]:
        """Encode texts and keep where each token stands in its text."""
        tokenizer, limit = served.loaded.tokenizer, truncation.limit(served.card)
        size = sum(map(len, texts))
        found = await self._somewhere(len(texts), size, lambda: tokenizer.encode_spans(texts, limit))
        if not self.may_cut(truncation):
            check_lengths(served, [one.encoding for one in found], "inputs", "input {}")
        return found

    async def tokens(self, served: Served, texts: list[str], special_tokens: bool) -> list[list[SimpleToken]]:
        """Return each text's tokens, however many."""
        tokenizer = served.loaded.tokenizer
        return await self.encode(lambda part: tokenizer.tokenize(part, special_tokens), texts)

    async def decoded(
        self, served: Served, rows: list[Sequence[int]], skip_special_tokens: bool
    ) -> list[str]:
        """Return the text of each row of ids."""
        tokenizer = served.loaded.tokenizer
        return await self.encode(
            lambda part: tokenizer.decode([token_array(row) for row in part], skip_special_tokens), rows
        )

    def close(self) -> None:
        """Stop the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def encode(
        self,
        work: Callable[[list[Input]], list[Result]],
        inputs: Sequence[Input],
        *,
        beside: int = 0,
        characters: int | None = None,
    ) -> list[Result]:
        """Tokenise in slices: a thread cannot be stopped, so a client that left costs one of them.

        `beside` is the length of what is tokenised with each slice; slices are no shorter. `characters`
        are those that the client sent, where not all are.
        """
        size = sum(map(len, inputs)) + beside
        with tokenising(size if characters is None else characters):
            if size + EACH * len(inputs) <= INLINE_LENGTH:
                return work(list(inputs)) if inputs else []
            found: list[Result] = []
            loop = asyncio.get_running_loop()
            for part in slices(inputs, max(SLICE_LENGTH, beside)):
                found += await loop.run_in_executor(self._pool, work, part)
            return found

    async def _somewhere(self, count: int, size: int, work: Callable[[], Result]) -> Result:
        with tokenising(size):
            if size + EACH * count <= INLINE_LENGTH:
                return work()
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def may_cut(self, truncation: Truncation) -> bool:
        """Whether inputs over the limit are cut."""
        return self._auto_truncate if truncation.allowed is None else truncation.allowed


def slices(inputs: Sequence[Input], length: int) -> Iterator[list[Input]]:
    """Yield inputs that stand together and reach this length, in characters or ids; then the rest.

    Every input counts for `EACH` more.
    """
    part: list[Input] = []
    size = 0
    for one in inputs:
        part.append(one)
        size += len(one) + EACH
        if size >= length:
            yield part
            part, size = [], 0
    if part:
        yield part
