"""vLLM's POST /score and /v1/score: the likeness of pairs by a cross-encoder, an embedder or ColBERT."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import uuid4

from pydantic import PlainValidator
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

from .comparing import Comparing
from .documents import TEXT_OBJECT, text_of
from .door import Door
from .encode import Number, encode, respond
from .explain import EMPTY
from .inputs import STRING, schema
from .offload import offload
from .openai import Usage
from .operation import Operation
from .report import reported


def texts_of(value: Any) -> list[str]:
    """Return the texts of one side: one text, or a list; each may be an object with a `text`."""
    if value == []:
        raise PydanticCustomError(EMPTY, "must not be an empty list")
    try:
        return [text_of(one) for one in (value if isinstance(value, list) else [value])]
    except PydanticCustomError:
        raise PydanticCustomError(
            "texts", "must be a string, an object with a string `text`, or a list of those"
        ) from None


Texts = Annotated[
    list[str],
    PlainValidator(texts_of),
    schema(
        (STRING, TEXT_OBJECT, {"type": "array", "items": {"anyOf": [STRING, TEXT_OBJECT]}, "minItems": 1})
    ),
]


class ScoreRequest(Comparing):
    """What to compare: one text with many, or as many with as many, pair by pair.

    The sides are `queries` and `documents`; vLLM has three more names for them.
    """

    queries: Texts | None = None
    text_1: Texts | None = None
    data_1: Texts | None = None
    documents: Texts | None = None
    items: Texts | None = None
    text_2: Texts | None = None
    data_2: Texts | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """One pair's score."""

    index: int
    score: Number
    object: str = "score"


@dataclass(frozen=True, slots=True)
class ScoreList:
    """The scores in the order of the pairs."""

    id: str
    created: int
    model: str
    data: list[Score]
    usage: Usage
    object: str = "list"


async def score(door: Door, request: Request) -> Response:
    """Answer POST /score and /v1/score."""
    asked = await door.parse(request, ScoreRequest)
    queries = side(asked, ("queries", "text_1", "data_1"))
    documents = side(asked, ("documents", "items", "text_2", "data_2"))
    door.check_count(max(len(queries), len(documents)), "documents")
    found = await door.ask(
        request,
        "rerank",
        asked.model,
        lambda model: door.engine.score(
            queries,
            documents,
            model=model,
            raw_scores=asked.raw(),
            instruction=asked.instruction,
            truncation=asked.limits(),
        ),
    )
    body = await offload(found.scores.size * 50, written, found)
    return respond(body, headers=reported(request.scope, found))


def side(asked: ScoreRequest, names: Sequence[str]) -> list[str]:
    """Return the texts of one side by the first of its names that is there. Raises `InvalidRequest`."""
    for name in names:
        texts: list[str] | None = getattr(asked, name)
        if texts is not None:
            return texts
    raise InvalidRequest(f"`{names[0]}` is required.", param=names[0])


def written(found: Scores) -> bytes:
    """Return the answer's JSON."""
    scores = [Score(index, score) for index, score in enumerate(found.scores)]
    usage = Usage(found.tokens, found.tokens, found.truncated)
    return encode(ScoreList(f"score-{uuid4().hex}", int(time.time()), found.model, scores, usage))


SCORE = Operation(
    summary="Score pairs of texts: one with many, or each with its own.",
    handler=score,
    body=ScoreRequest,
    answer=ScoreList,
    task="rerank",
    errors=(InvalidRequest, EmptyInput, TooLong, TooManyInputs, WrongTask, UnknownModel, Overloaded),
)
