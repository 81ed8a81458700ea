"""How a model scores documents for a query: by pairs, by asking a language model, or by similarity."""

import numpy as np
from numpy.typing import NDArray

from vectord.core import Encoding

from .encoder import Encoder
from .late import maxsim
from .pieces import rows
from .rows import cosines, sigmoid
from .served import Served
from .truncation import Truncation
from .vectors import token_vectors

Array = NDArray[np.float32]
Ranked = tuple[Array, list[Encoding]]


async def by_pairs(
    served: Served, encoder: Encoder, query: str, documents: list[str], truncation: Truncation
) -> Ranked:
    """Return a cross-encoder's logit of each pair."""
    pairs = await encoder.pairs(served, query, documents, truncation)
    return rows(await served.run(pairs, "logits"), "logits")[:, 0], pairs


async def by_asking(
    served: Served,
    encoder: Encoder,
    query: str,
    documents: list[str],
    instruction: str | None,
    truncation: Truncation,
) -> Ranked:
    """Return how much likelier a language model's answer is yes than no, in logits."""
    prompt = served.card.pair_prompt
    assert prompt is not None
    texts = [prompt.text(query, document, instruction) for document in documents]
    characters = len(query) * len(documents) + sum(map(len, documents))
    encodings = await encoder.prompted(
        served, prompt.before, texts, prompt.after, truncation, characters=characters
    )
    answers = rows(await served.run(encodings, "logits"), "logits")
    return answers[:, 1] - answers[:, 0], encodings


async def by_cosine(
    served: Served, encoder: Encoder, query: str, documents: list[str], truncation: Truncation
) -> Ranked:
    """Return the cosine of the query's embedding with each document's, each after its own prompt."""
    encodings = await encoder.compared(served, query, documents, truncation)
    found = rows(await served.run(encodings, "embedding"), "embedding")
    return cosines(found[0], found[1:]), encodings


async def by_tokens(
    served: Served, encoder: Encoder, query: str, documents: list[str], truncation: Truncation
) -> Ranked:
    """Return the mean over the query's tokens of the best cosine with a token of the document."""
    asked = await encoder.in_role(served, [query], "query", truncation)
    answers = await encoder.in_role(served, documents, "document", truncation)
    found = await served.run([*asked, *answers], "vectors")
    [vectors] = token_vectors(served, asked, found[:1], "query")
    scores = maxsim(vectors, token_vectors(served, answers, found[1:], "document"))
    return scores, [*asked, *answers]


async def rank(
    served: Served,
    encoder: Encoder,
    query: str,
    documents: list[str],
    *,
    instruction: str | None,
    truncation: Truncation,
    raw_scores: bool,
) -> Ranked:
    """Return the scores of documents, from 0 to 1 unless raw, and the encodings that were run."""
    card = served.card
    if card.head.output == "logits":
        logits, encodings = await (
            by_asking(served, encoder, query, documents, instruction, truncation)
            if card.pair_prompt is not None
            else by_pairs(served, encoder, query, documents, truncation)
        )
        return logits if raw_scores else sigmoid(logits), encodings
    if card.head.output == "vectors":
        sums, encodings = await by_tokens(served, encoder, query, documents, truncation)
        return sums if raw_scores else halfway(sums / np.float32(len(encodings[0]))), encodings
    similarity, encodings = await by_cosine(served, encoder, query, documents, truncation)
    return similarity if raw_scores else halfway(similarity), encodings


def halfway(cosine: Array) -> Array:
    """Return (1 + cosine) / 2, from 0 to 1."""
    scores: Array = (cosine + np.float32(1)) / np.float32(2)
    return scores
