"""What vLLM's routes ask of an engine."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from vectord.errors import InvalidRequest
from vectord.scheduler import Kind, Prompt, Representations, Sparse, TokenVectors, Truncation, Usage
from vectord.scheduler.prompt import UNPROMPTED
from vectord.scheduler.truncation import AS_SET

from .fake_served import Found, vector_of, words


class FakeVllm:
    """A part of `FakeEngine`."""

    calls: list[dict[str, Any]]

    async def run(self, items: list[Any], truncation: Truncation) -> Usage:
        raise NotImplementedError

    async def score(
        self,
        queries: list[str],
        documents: list[str],
        *,
        model: str | None = None,
        raw_scores: bool = False,
        instruction: str | None = None,
        truncation: Truncation = AS_SET,
    ) -> Found:
        self.calls.append(locals())
        if len(queries) not in (1, len(documents)):
            raise InvalidRequest("They make no pairs.", param="queries")
        usage = await self.run([*queries, *documents], truncation)
        pairs = zip(queries * len(documents), documents, strict=False)
        scores = np.array([len(set(one) & set(other)) for one, other in pairs], np.float32)
        return Found(model or "cross", usage, scores)

    async def represent(
        self,
        inputs: list[str | list[int]],
        kinds: Sequence[Kind] = ("dense", "sparse", "token_vectors"),
        *,
        model: str | None = None,
        prompt: Prompt = UNPROMPTED,
        truncation: Truncation = AS_SET,
    ) -> Representations:
        self.calls.append(locals())
        usage = await self.run(list(inputs), truncation)
        dense = np.stack([vector_of(one) for one in inputs])
        weights = [Sparse(np.array([7], np.int32), np.array([words(one)], np.float32)) for one in inputs]
        rows = [np.stack([vector_of(one)] * words(one)) for one in inputs]
        return Representations(
            model or "many",
            usage,
            dense if "dense" in kinds else None,
            weights if "sparse" in kinds else None,
            rows if "token_vectors" in kinds else None,
        )

    async def score_tokens(
        self,
        inputs: list[str | list[int]],
        *,
        model: str | None = None,
        raw_scores: bool = False,
        truncation: Truncation = AS_SET,
    ) -> TokenVectors:
        self.calls.append(locals())
        usage = await self.run(list(inputs), truncation)
        rows = [np.full((words(one), 2), 3.0 if raw_scores else 0.5, np.float32) for one in inputs]
        return TokenVectors(model or "many", usage, rows)
