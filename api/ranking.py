"""The answer to rerank requests in the dialects of Cohere, Jina, Voyage, vLLM and infinity: one for all."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any
from uuid import uuid4

import numpy as np
import orjson
from pydantic import Field, WithJsonSchema

from vectord.scheduler import Scores

from .documents import Document
from .encode import Number, encode
from .openai import Usage

DOCUMENTS_PER_SEARCH_UNIT = 100  # Cohere's price list


@dataclass(frozen=True, slots=True)
class RankedText:
    """A document, given back."""

    text: str


# An object comes back with the fields that it was sent with.
GivenBack = Annotated[
    Any,
    WithJsonSchema({"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}),
]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One document's score; `index` is its place in the request."""

    index: int
    relevance_score: Number


@dataclass(frozen=True, slots=True)
class RankedDocument(Ranked):
    """One document's score, with the document."""

    document: GivenBack


@dataclass(frozen=True, slots=True)
class ApiVersion:
    """The version of Cohere's protocol."""

    version: str


@dataclass(frozen=True, slots=True)
class BilledUnits:
    """What Cohere would charge."""

    search_units: int


@dataclass(frozen=True, slots=True)
class Meta:
    """What Cohere's clients look for beside the results."""

    api_version: ApiVersion
    billed_units: BilledUnits


Results = list[Ranked] | list[RankedDocument]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """The documents by falling score; equal ones keep their order."""

    id: str
    model: str
    results: Results
    usage: Usage
    meta: Meta
    created: int
    object: str = "rerank"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoyageRanking(Ranking):
    """The same with the results once more where Voyage's clients look for them."""

    data: Annotated[Results, Field(description="The same as `results`.")]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an answer shall hold: the `most` best results, None for all, and perhaps their documents.

    `version` is that of Cohere's protocol; `doubled`: the results stand under `data` too.
    """

    most: int | None
    documents: bool
    version: str
    doubled: bool


def written(documents: Sequence[Document], found: Scores, wanted: Wanted) -> bytes:
    """Return the answer's JSON."""
    units = math.ceil(len(documents) / DOCUMENTS_PER_SEARCH_UNIT)
    results: Any = orjson.Fragment(encode(ranked(documents, found, wanted)))
    ranking: Callable[..., Ranking] = partial(VoyageRanking, data=results) if wanted.doubled else Ranking
    answer = ranking(
        id=f"rerank-{uuid4().hex}",
        model=found.model,
        results=results,
        usage=Usage(found.tokens, found.tokens, found.truncated),
        meta=Meta(ApiVersion(wanted.version), BilledUnits(units)),
        created=int(time.time()),
    )
    return encode(answer)


def ranked(documents: Sequence[Document], found: Scores, wanted: Wanted) -> Results:
    """Return the results, best first."""
    order = np.argsort(-found.scores, kind="stable")[: wanted.most].tolist()
    if not wanted.documents:
        return [Ranked(index, found.scores[index]) for index in order]
    return [RankedDocument(index, found.scores[index], given_back(documents[index])) for index in order]


def given_back(document: Document) -> Any:
    """Return a document as it stands in an answer."""
    return RankedText(document.text) if document.given is None else orjson.Fragment(document.given)
