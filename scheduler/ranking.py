"""How a model compares queries with documents: by pairs, by asking a language model, or by similarity.

There is one query for all documents, or one for each. Everything is one job in the model's lane.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from vectord.core import Encoding, Shortened

from . import matching
from .answers import Scores
from .aside import aside, of_rows, of_tokens
from .checks import check_pairs, check_texts
from .encoder import Encoder
from .late import maxsim
from .pieces import rows
from .rows import cosines, sigmoid
from .served import Served
from .truncation import Truncation
from .usage import Usage
from .vectors import token_vectors

Array = NDArray[np.float32]
Compared = tuple[Array, list[Encoding]]
Query = TypeVar("Query")


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared: one query with all documents, or as many queries, each with its own."""

    queries: Sequence[str]
    documents: Sequence[str]
    instruction: str | None
    truncation: Truncation


async def by_pairs(
    served: Served, encoder: Encoder, queries: list[str], documents: list[str], truncation: Truncation
) -> Compared:
    """Return a cross-encoder's logit of each pair."""
    pairs = await matching.pairs(encoder, served, queries, documents, truncation)
    return rows(await served.run(pairs, "logits"), "logits")[:, 0], pairs


async def by_asking(
    served: Served,
    encoder: Encoder,
    queries: list[str],
    documents: list[str],
    instruction: str | None,
    truncation: Truncation,
) -> Compared:
    """Return how much likelier a language model's answer is yes than no, in logits."""
    prompt = served.card.pair_prompt
    assert prompt is not None
    pairs = list(zip(for_each(queries, documents), documents, strict=True))
    texts = [prompt.text(query, document, instruction) for query, document in pairs]
    characters = sum(len(query) + len(document) for query, document in pairs)
    encodings = await matching.prompted(
        encoder, served, prompt.before, texts, prompt.after, truncation, characters=characters
    )
    answers = rows(await served.run(encodings, "logits"), "logits")
    return answers[:, 1] - answers[:, 0], encodings


async def by_cosine(
    served: Served, encoder: Encoder, queries: list[str], documents: list[str], truncation: Truncation
) -> Compared:
    """Return the cosine of the query's embedding with each document's, each after its own prompt."""
    encodings = await matching.compared(encoder, served, queries, documents, truncation)
    found = await served.run(encodings, "embedding")

    def compared() -> Array:
        vectors = rows(found, "embedding")
        return cosines(vectors[: len(queries)], vectors[len(queries) :])

    return await aside(of_rows(found, served.card.width), compared), encodings


async def by_tokens(
    served: Served, encoder: Encoder, queries: list[str], documents: list[str], truncation: Truncation
) -> Compared:
    """Return the sum over the query's tokens of the best cosine with a token of the document."""
    asked = await encoder.in_role(served, queries, "query", truncation)
    told = await encoder.in_role(served, documents, "document", truncation)
    found = await served.run([*asked, *told], "vectors")

    def compared() -> Array:
        questions = token_vectors(served, asked, found[: len(asked)], "query")
        answers = token_vectors(served, told, found[len(asked) :], "document")
        pairs = zip(for_each(questions, answers), answers, strict=True)
        return np.concatenate([maxsim(question, [answer]) for question, answer in pairs])

    encodings = [*asked, *told]
    return await aside(of_tokens(encodings, served.card.width), compared), encodings


async def compare(served: Served, encoder: Encoder, question: Question) -> Compared:
    """Return logits, cosines or sums of similarities, (documents,), and the encodings that were run."""
    truncation = question.truncation
    queries, documents = list(question.queries), list(question.documents)
    asked = await matching.shortened(encoder, served, queries, truncation.query_tokens, truncation.side)
    told = await matching.shortened(encoder, served, documents, truncation.document_tokens, truncation.side)
    texts = [one.text for one in asked], [one.text for one in told]
    if served.card.head.output == "vectors":
        raw, encodings = await by_tokens(served, encoder, *texts, truncation)
    elif served.card.head.output == "embedding":
        raw, encodings = await by_cosine(served, encoder, *texts, truncation)
    elif served.card.pair_prompt is not None:
        raw, encodings = await by_asking(served, encoder, *texts, question.instruction, truncation)
    else:
        raw, encodings = await by_pairs(served, encoder, *texts, truncation)
    return raw, counted(encodings, asked, told)


async def rerank(served: Served, encoder: Encoder, question: Question, raw_scores: bool) -> Scores:
    """Return the scores of documents for the one query, from 0 to 1 unless raw."""
    check_texts(question.queries, "query")
    check_texts(question.documents, "documents")
    raw, encodings = await compare(served, encoder, question)
    scores = raw if raw_scores else likelihood(served, raw, encodings)
    return Scores(served.name, Usage.of(encodings), scores)


async def score(served: Served, encoder: Encoder, question: Question, raw_scores: bool) -> Scores:
    """Return the scores of pairs; similarities stay as they are."""
    check_texts(question.queries, "queries")
    check_texts(question.documents, "documents")
    check_pairs(question.queries, question.documents)
    raw, encodings = await compare(served, encoder, question)
    bare = raw_scores or served.card.head.output != "logits"
    return Scores(served.name, Usage.of(encodings), raw if bare else sigmoid(raw))


def counted(
    encodings: list[Encoding], queries: list[Shortened], documents: list[Shortened]
) -> list[Encoding]:
    """Return the encodings with what their texts had lost before; a pair lost what both did."""
    lost = [one.cut for one in documents]
    if len(encodings) == len(documents):
        lost = [one.cut + cut for one, cut in zip(for_each(queries, lost), lost, strict=True)]
    else:
        lost = [*(one.cut for one in queries), *lost]
    return [replace(one, cut=one.cut + cut) if cut else one for one, cut in zip(encodings, lost, strict=True)]


def likelihood(served: Served, raw: Array, encodings: Sequence[Encoding]) -> Array:
    """Return the scores of documents for one query, brought to 0..1."""
    match served.card.head.output:
        case "logits":
            return sigmoid(raw)
        case "vectors":
            return halfway(raw / np.float32(len(encodings[0])))
        case _:
            return halfway(raw)


def halfway(cosine: Array) -> Array:
    """Return (1 + cosine) / 2, from 0 to 1."""
    scores: Array = (cosine + np.float32(1)) / np.float32(2)
    return scores


def for_each(queries: Sequence[Query], documents: Sequence[object]) -> Sequence[Query]:
    """Return a query for each document: the only one again and again, or its own."""
    return queries if len(queries) == len(documents) else list(queries) * len(documents)
