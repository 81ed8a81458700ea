"""Encodings of queries and documents that are compared: as pairs, within a prompt, or side by side.

There is one query for all documents, or one for each.
"""

from dataclasses import dataclass

from vectord.core import Encoding, Shortened, Side

from .checks import check_lengths, which
from .encoder import Encoder
from .prompt import Prompt
from .served import Served
from .truncation import Truncation


@dataclass(frozen=True, slots=True)
class Pair:
    """A query and its own document."""

    query: str
    document: str

    def __len__(self) -> int:
        return len(self.query) + len(self.document)


async def shortened(
    encoder: Encoder, served: Served, texts: list[str], most: int | None, side: Side | None
) -> list[Shortened]:
    """Cut texts to `most` tokens each, special ones not counted; None: leave them whole.

    As many as the model's limit are cut there all the same.
    """
    if most is None or most >= served.card.max_length:
        return [Shortened(text) for text in texts]
    tokenizer = served.loaded.tokenizer
    return await encoder.encode(lambda part: tokenizer.shorten(part, most, side), texts, characters=0)


async def pairs(
    encoder: Encoder, served: Served, queries: list[str], documents: list[str], truncation: Truncation
) -> list[Encoding]:
    """Encode the one query with each document, or each query with its own."""
    tokenizer, limit, side = served.loaded.tokenizer, truncation.limit(served.card), truncation.side

    def each(part: list[Pair]) -> list[Encoding]:
        return [tokenizer.encode_pairs(one.query, [one.document], limit, side)[0] for one in part]

    if len(queries) == 1:
        [query] = queries
        found = await encoder.encode(
            lambda part: tokenizer.encode_pairs(query, part, limit, side),
            documents,
            beside=len(query),
            characters=len(query) * len(documents) + sum(map(len, documents)),
        )
    else:
        found = await encoder.encode(each, list(map(Pair, queries, documents)))
    if not encoder.may_cut(truncation):
        alone = await encoder.encode(lambda part: tokenizer.encode(part, limit), queries, characters=0)
        check_lengths(served, alone, "query", which("query", queries))
        check_lengths(served, found, "documents", "document {} with the query")
    return found


async def prompted(
    encoder: Encoder,
    served: Served,
    before: str,
    texts: list[str],
    after: str,
    truncation: Truncation,
    *,
    characters: int,
) -> list[Encoding]:
    """Encode each text between two others, which are never cut; `characters` are the client's."""
    tokenizer, limit = served.loaded.tokenizer, truncation.limit(served.card)
    found = await encoder.encode(
        lambda part: tokenizer.encode_prompted(before, part, after, limit),
        texts,
        beside=len(before),
        characters=characters,
    )
    if not encoder.may_cut(truncation):
        check_lengths(served, found, "documents", "document {} with the query")
    return found


async def compared(
    encoder: Encoder, served: Served, queries: list[str], documents: list[str], truncation: Truncation
) -> list[Encoding]:
    """Encode the queries and then the documents, each after its role's prompt."""
    tokenizer, limit, side = served.loaded.tokenizer, truncation.limit(served.card), truncation.side
    asking, told = served.prompt(Prompt(role="query")), served.prompt(Prompt(role="document"))
    texts = [*(asking + text for text in queries), *(told + text for text in documents)]
    characters = sum(map(len, queries)) + sum(map(len, documents))
    found = await encoder.encode(
        lambda part: tokenizer.encode(part, limit, side), texts, characters=characters
    )
    if not encoder.may_cut(truncation):
        check_lengths(served, found[: len(queries)], "query", which("query", queries))
        check_lengths(served, found[len(queries) :], "documents", "document {}")
    return found
