"""TEI's dialect of /rerank: `texts` for a query, and a bare list by falling score."""

from dataclasses import dataclass

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from vectord.errors import EmptyInput
from vectord.scheduler import Engine, Scores

from .door import Door
from .encode import Number, encode
from .inputs import FullString, FullStrings
from .tei import TeiBody
from .tei_task import TeiTask


class TeiRerankRequest(TeiBody):
    """Texts to rank, and what to rank them by."""

    query: FullString
    texts: FullStrings
    raw_scores: bool | None = None
    return_text: bool | None = None


@dataclass(frozen=True, slots=True)
class Rank:
    """One text's score; `index` is its place in the request."""

    index: int
    score: Number


@dataclass(frozen=True, slots=True)
class RankWithText:
    """One text's score with the text, in TEI's order."""

    index: int
    text: str
    score: Number


TeiRanking = list[RankWithText] | list[Rank]


async def tei_rerank(door: Door, request: Request, asked: TeiRerankRequest) -> Response:
    """Answer a body of TEI's /rerank."""
    return await RERANK_TASK.answer(door, request, asked)


def count(asked: TeiRerankRequest) -> tuple[int, str]:
    """Return how many texts there are."""
    if not asked.texts:
        raise EmptyInput("`texts` must not be an empty list.", param="texts")
    return len(asked.texts), "texts"


async def ask(engine: Engine, asked: TeiRerankRequest, model: str) -> Scores:
    """Return the texts' scores."""
    return await engine.rerank(
        asked.query,
        asked.texts,
        model=model,
        raw_scores=bool(asked.raw_scores),
        truncation=asked.truncation(),
    )


def size(asked: TeiRerankRequest, found: Scores) -> int:
    """Return about the answer's size."""
    return found.scores.size * 30 + (sum(map(len, asked.texts)) if asked.return_text else 0)


def written(asked: TeiRerankRequest, found: Scores) -> bytes:
    """Return the answer's JSON."""
    return encode(ranked(asked, found))


def ranked(asked: TeiRerankRequest, found: Scores) -> TeiRanking:
    """Return the texts' scores, best first; equal ones keep their order."""
    order = np.argsort(-found.scores, kind="stable").tolist()
    if asked.return_text:
        return [RankWithText(index, asked.texts[index], found.scores[index]) for index in order]
    return [Rank(index, found.scores[index]) for index in order]


RERANK_TASK = TeiTask(task="rerank", body=TeiRerankRequest, count=count, ask=ask, size=size, write=written)
