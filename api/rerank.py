"""Cohere's and Jina's dialect: POST /rerank, /v1/rerank and /v2/rerank, with one answer for all."""

import math
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

import numpy as np
from pydantic import BeforeValidator, FailFast, Field
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from vectord.errors import (
    EmptyInput,
    InvalidRequest,
    Overloaded,
    TooLong,
    TooManyInputs,
    UnknownModel,
    WrongTask,
)
from vectord.scheduler import Scores

from .body import Body
from .door import Door
from .encode import Number, encode, respond
from .inputs import STRING, schema
from .offload import offload
from .openai import Usage
from .operation import Operation
from .report import reported

DOCUMENTS_PER_SEARCH_UNIT = 100  # Cohere's price list


def text_of(value: Any) -> str:
    """Return a document's text."""
    text = value.get("text") if isinstance(value, dict) else value
    if not isinstance(text, str):
        raise PydanticCustomError("document", "must be a string or an object with a string `text`")
    return text


DOCUMENT = {"type": "object", "properties": {"text": STRING}, "required": ["text"]}
Document = Annotated[str, BeforeValidator(text_of), schema((STRING, DOCUMENT))]


class RerankRequest(Body):
    """What to rank by; `top_n` null means all."""

    query: str
    documents: Annotated[list[Document], FailFast()]
    model: str | None = None
    top_n: Annotated[int, Field(ge=1)] | None = None
    return_documents: bool | None = None
    raw_scores: bool | None = None


@dataclass(frozen=True, slots=True)
class RankedText:
    """A document, given back."""

    text: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """One document's score; `index` is its place in the request."""

    index: int
    relevance_score: Number


@dataclass(frozen=True, slots=True)
class RankedDocument(Ranked):
    """One document's score, with the document."""

    document: RankedText


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


@dataclass(frozen=True, slots=True)
class Ranking:
    """The documents by falling score; equal ones keep their order."""

    id: str
    model: str
    results: list[Ranked] | list[RankedDocument]
    usage: Usage
    meta: Meta
    object: str = "rerank"


async def rerank(door: Door, request: Request) -> Response:
    """Answer POST /rerank, /v1/rerank and /v2/rerank."""
    asked = await door.parse(request, RerankRequest)
    if not asked.documents:
        raise EmptyInput("`documents` must not be an empty list.", param="documents")
    door.check_count(len(asked.documents), "documents")
    found = await door.ask(
        request,
        "rerank",
        asked.model,
        lambda model: door.engine.rerank(
            asked.query, asked.documents, model=model, raw_scores=bool(asked.raw_scores)
        ),
    )
    version = "1" if request.scope["path"].startswith("/v1/") else "2"
    size = sum(map(len, asked.documents)) if asked.return_documents else 0
    body = await offload(size, written, asked, found, version)
    return respond(body, headers=reported(request.scope, found))


def written(asked: RerankRequest, found: Scores, version: str) -> bytes:
    """Return the answer's JSON."""
    units = math.ceil(len(asked.documents) / DOCUMENTS_PER_SEARCH_UNIT)
    ranking = Ranking(
        id=f"rerank-{uuid4().hex}",
        model=found.model,
        results=ranked(asked, found),
        usage=Usage(found.tokens, found.tokens, found.truncated),
        meta=Meta(ApiVersion(version), BilledUnits(units)),
    )
    return encode(ranking)


def ranked(asked: RerankRequest, found: Scores) -> list[Ranked] | list[RankedDocument]:
    """Return the results: best first, at most `top_n`, with the documents if asked for."""
    order = np.argsort(-found.scores, kind="stable")[: asked.top_n].tolist()
    if not asked.return_documents:
        return [Ranked(index, found.scores[index]) for index in order]
    return [RankedDocument(index, found.scores[index], RankedText(asked.documents[index])) for index in order]


RERANK = Operation(
    summary="Rank documents by a query.",
    handler=rerank,
    body=RerankRequest,
    answer=Ranking,
    task="rerank",
    errors=(InvalidRequest, EmptyInput, TooLong, TooManyInputs, WrongTask, UnknownModel, Overloaded),
)
