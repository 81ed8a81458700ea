"""The front door: a method for each task. The HTTP server asks it, and so does a library user."""

import asyncio
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Self

from vectord.core import SimpleToken, Task

from . import embedding, labels, ranking, representing, tokens
from .admission import Admission
from .answers import Classes, Embeddings, Entities, Representations, Scores, SparseVectors, TokenVectors
from .aside import aside, of_tokens
from .checks import check_dimensions
from .directory import Directory
from .encoder import Encoder, Inputs, Subject
from .entities import Aggregation
from .precision import EIGHT_BITS, Precision, check_precisions
from .prompt import UNPROMPTED, Prompt
from .ranking import Question
from .served import Served
from .terms import PLAIN, Terms
from .truncation import AS_SET, Truncation
from .usage import Usage
from .vectors import TASKS, Form, Kind, formed, output_of, sparse_vectors
from .watchdog import Watchdog


@dataclass(frozen=True, slots=True)
class Policy:
    """What the server does where a request leaves it open.

    `max_request_tokens` bounds a request for vectors. `calibration`: the texts whose vectors set the scale
    of 8 bits.
    """

    max_concurrent_requests: int = 512
    auto_truncate: bool = True
    tokenizer_threads: int = 1
    max_request_tokens: int = 300_000
    calibration: Sequence[str] = ()
    watch_seconds: float = 1.0


class Engine:
    """Serves models. Close it when done, or use it as an asynchronous context manager.

    Every method of a task takes the name of a `model` (None: the first that can) and `truncation` (what
    becomes of inputs over its limit), and raises `InvalidRequest`, `UnknownModel`, `WrongTask`,
    `TooLong`, `Overloaded`, `BackendFailed`.
    """

    def __init__(self, served: Sequence[Served], policy: Policy) -> None:
        self.policy = policy
        self._directory = Directory(served)
        self._admission = Admission(policy.max_concurrent_requests, self._ends)
        self._encoder = Encoder(policy.tokenizer_threads, policy.auto_truncate, policy.max_request_tokens)
        self._calibration = list(policy.calibration)
        self._watchdog = Watchdog(self.served, policy.watch_seconds)
        self._watchdog.start()

    async def embed(
        self,
        inputs: Inputs,
        *,
        model: str | None = None,
        dimensions: int | None = None,
        normalize: bool = True,
        prompt: Prompt = UNPROMPTED,
        truncation: Truncation = AS_SET,
        precisions: Collection[Precision] = (),
        late_chunking: bool = False,
    ) -> Embeddings:
        """Embed texts or token ids, texts each after the prompt.

        `dimensions` cuts each vector; `normalize` makes it a unit vector (always so where the checkpoint
        has a Normalize module). The answer can be had in each of `precisions`; for 8 bits every input runs
        by itself, so that its bytes do not depend on what else is asked. `late_chunking` reads texts
        together (see `scheduler.late_chunking`).
        """
        served = self.find(model, "embed")
        check_dimensions(served, dimensions)
        check_precisions(precisions, dimensions or served.card.width)
        eight_bits = not EIGHT_BITS.isdisjoint(precisions)
        work = embedding.pooled_late if late_chunking else embedding.pooled
        found, usage = await work(served, self._encoder, inputs, prompt, truncation, alone=eight_bits)
        form = Form(dimensions or served.card.width, normalize or served.card.normalize)
        scale = None
        if eight_bits:
            scale = await embedding.scale(served, self._encoder, self._calibration, form)
        vectors = await aside(found.size, formed, found, served, form)
        return Embeddings(served.name, usage, vectors, scale)

    async def embed_all(
        self,
        inputs: Inputs,
        *,
        model: str | None = None,
        prompt: Prompt = UNPROMPTED,
        truncation: Truncation = AS_SET,
    ) -> TokenVectors:
        """Return a vector for every token: a ColBERT model's, else the network's last states.

        Special tokens have theirs too. A ColBERT model marks queries and documents, fills the former and
        skips punctuation of the latter, as the prompt's role says; inputs are documents if it does not.
        """
        served = self.find(model, "embed_all")
        return await representing.every_token(served, self._encoder, inputs, prompt, truncation)

    async def sparse(
        self,
        inputs: Inputs,
        *,
        model: str | None = None,
        prompt: Prompt = UNPROMPTED,
        truncation: Truncation = AS_SET,
    ) -> SparseVectors:
        """Return each input's weights by token id."""
        served = self.find(model, "sparse")
        encodings = await self._encoder.inputs(served, inputs, prompt, truncation)
        found = await served.run(encodings, output_of(served, "sparse"))
        vectors = await aside(of_tokens(encodings, 1), sparse_vectors, served, encodings, found)
        return SparseVectors(served.name, Usage.of(encodings), vectors)

    async def represent(
        self,
        inputs: Inputs,
        kinds: Collection[Kind] = ("dense", "sparse", "token_vectors"),
        *,
        model: str | None = None,
        prompt: Prompt = UNPROMPTED,
        truncation: Truncation = AS_SET,
    ) -> Representations:
        """Return several kinds of vectors from one pass through the network, as bge-m3 gives them.

        Dense and token vectors are unit vectors; a ColBERT model's are those of `embed_all`. Raises
        `InvalidRequest` for a kind the model lacks.
        """
        served = self.find(model, next((TASKS[kind] for kind in TASKS if kind in kinds), "embed"))
        return await representing.represent(served, self._encoder, inputs, kinds, prompt, truncation)

    async def rerank(
        self,
        query: str,
        documents: Sequence[str],
        *,
        model: str | None = None,
        raw_scores: bool = False,
        instruction: str | None = None,
        truncation: Truncation = AS_SET,
    ) -> Scores:
        """Score documents for a query.

        A cross-encoder's score is the sigmoid of its logit, a language model's the probability of "yes",
        an embedder's (1 + cosine) / 2, a ColBERT model's the sum of maximal similarities divided by the
        query's tokens, brought to 0..1 alike; `raw_scores` gives the logit, the cosine or the sum.
        `instruction` takes the place of a language model's own.
        """
        served = self.find(model, "rerank")
        asked = Question([query], documents, instruction, truncation)
        return await ranking.rerank(served, self._encoder, asked, raw_scores)

    async def score(
        self,
        queries: Sequence[str],
        documents: Sequence[str],
        *,
        model: str | None = None,
        raw_scores: bool = False,
        instruction: str | None = None,
        truncation: Truncation = AS_SET,
    ) -> Scores:
        """Score pairs, as one job: one query with every document, or as many queries each with its own.

        As `rerank` does, but similarities are left as they are: the cosine, or the sum of maximal ones.
        """
        served = self.find(model, "rerank")
        asked = Question(queries, documents, instruction, truncation)
        return await ranking.score(served, self._encoder, asked, raw_scores)

    async def classify(
        self,
        inputs: Sequence[Subject],
        *,
        model: str | None = None,
        raw_scores: bool = False,
        truncation: Truncation = AS_SET,
    ) -> Classes:
        """Score the labels of texts, of pairs of texts, or of token ids.

        Scores are a softmax over the labels, a sigmoid for each where a text may have several, or the
        logits themselves of a regression, as config.json's `problem_type` says.
        """
        served = self.find(model, "classify")
        return await labels.classes(served, self._encoder, inputs, raw_scores, truncation)

    async def classify_tokens(
        self,
        texts: Sequence[str],
        *,
        model: str | None = None,
        aggregation: Aggregation = "simple",
        truncation: Truncation = AS_SET,
    ) -> Entities:
        """Find entities: tokens under labels, put together as `aggregation` says."""
        served = self.find(model, "token_classify")
        return await labels.of_entities(served, self._encoder, texts, aggregation, truncation)

    async def score_tokens(
        self,
        inputs: Inputs,
        *,
        model: str | None = None,
        raw_scores: bool = False,
        truncation: Truncation = AS_SET,
    ) -> TokenVectors:
        """Score the labels of every token, special ones included: (tokens, labels) for each input."""
        served = self.find(model, "token_classify")
        return await labels.of_tokens(served, self._encoder, inputs, raw_scores, truncation)

    async def tokenize(
        self,
        texts: Sequence[str],
        *,
        model: str | None = None,
        special_tokens: bool = True,
        prompt: Prompt = UNPROMPTED,
    ) -> list[list[SimpleToken]]:
        """Return the tokens of texts, each after the prompt; no model: the first. Nothing is cut."""
        return await tokens.tokenize(self.named(model), self._encoder, texts, special_tokens, prompt)

    async def decode(
        self, ids: Sequence[Sequence[int]], *, model: str | None = None, skip_special_tokens: bool = True
    ) -> list[str]:
        """Return the text of each row of token ids; no model: the first."""
        return await tokens.decode(self.named(model), self._encoder, ids, skip_special_tokens)

    def find(self, name: str | None, task: Task) -> Served:
        """Return the model that a request means. Raises `UnknownModel`, `WrongTask`."""
        return self._directory.find(name, task)

    def named(self, name: str | None) -> Served:
        """Return a model by name; without one: the first. Raises `UnknownModel`."""
        return self._directory.named(name)

    def check_room(self, terms: Terms = PLAIN) -> None:
        """Raise `Overloaded` if another request would be too many, or would find every queue full."""
        self._admission.check_room(terms)
        refusals = [served.lane.foreseen(terms) for served in self.served]
        if refusals and None not in refusals:
            raise min(filter(None, refusals), key=lambda refusal: refusal.retry_after)

    def admit(self, terms: Terms = PLAIN) -> AbstractContextManager[None]:
        """Count a request against `max_concurrent_requests`. Raises `Overloaded`."""
        return self._admission.admit(terms)

    @property
    def served(self) -> tuple[Served, ...]:
        """The models, in command-line order."""
        return self._directory.served

    @property
    def ready(self) -> bool:
        """Whether every model can answer."""
        return all(served.ready for served in self.served)

    @property
    def beyond_repair(self) -> bool:
        """Whether a session broke twice within a minute or could not be had anew: a new process helps."""
        return self._watchdog.beyond_repair

    def close(self) -> None:
        """Stop every runner and free the models."""
        self._watchdog.stop()
        self._encoder.close()
        for served in self.served:
            served.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.close)

    def _ends(self) -> list[float]:
        return sorted(seconds for served in self.served for seconds in served.lane.ends())
