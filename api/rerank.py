"""POST /rerank, /v1/rerank and /v2/rerank in the dialects of Cohere, Jina, Voyage, vLLM, infinity and TEI.

A body with `texts` is TEI's. All others share one request and one answer.
"""

from typing import Annotated, Any

from pydantic import FailFast
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

from . import tei
from .comparing import Comparing, Count
from .documents import Item
from .door import Door
from .encode import respond
from .failures import COHERE, OPENAI, speaks
from .offload import offload
from .operation import Operation
from .ranking import Ranking, VoyageRanking, Wanted, written
from .report import reported
from .tei_rerank import TeiRanking, TeiRerankRequest, tei_rerank


class RerankRequest(Comparing):
    """What to rank by. `top_n`, or Voyage's `top_k`: null and 0 mean all.

    `max_chunks_per_doc` and `priority` are taken and ignored.
    """

    query: str
    rank_fields: list[str] | None = None
    return_documents: bool | None = None
    documents: Annotated[list[Item], FailFast()]
    top_n: Count | None = None
    top_k: Count | None = None
    max_chunks_per_doc: Any = None
    priority: Any = None

    def most(self) -> int | None:
        """Return how many results are wanted, None for all."""
        return (self.top_k if self.top_n is None else self.top_n) or None

    def wanted(self, path: str) -> Wanted:
        """Return what the answer shall hold."""
        first = path.startswith("/v1/")
        # Where Voyage's clients post, a body need not show that it is theirs: litellm's may have no `top_k`.
        doubled = first or self.top_k is not None or self.truncation is not None
        return Wanted(self.most(), bool(self.return_documents), "1" if first else "2", doubled)


async def rerank(door: Door, request: Request) -> Response:
    """Answer POST /rerank; a body that cannot be read counts as TEI's."""
    speaks(request.scope, tei.FAILING)
    content = await door.content(request)
    if content.has("texts"):
        return await tei_rerank(door, request, await content.shaped(TeiRerankRequest))
    speaks(request.scope, OPENAI)
    return await answered(door, request, await content.shaped(RerankRequest))


async def rerank_v1(door: Door, request: Request) -> Response:
    """Answer POST /v1/rerank."""
    content = await door.content(request)
    if content.has("texts"):
        return await tei_rerank(door, request, await content.shaped(TeiRerankRequest))
    return await answered(door, request, await content.shaped(RerankRequest))


async def rerank_v2(door: Door, request: Request) -> Response:
    """Answer POST /v2/rerank."""
    return await answered(door, request, await door.parse(request, RerankRequest))


async def answered(door: Door, request: Request, asked: RerankRequest) -> Response:
    """Answer a body with `documents`."""
    if not asked.documents:
        raise EmptyInput("`documents` must not be an empty list.", param="documents")
    door.check_count(len(asked.documents), "documents")
    found = await door.ask(
        request,
        "rerank",
        asked.model,
        lambda model: door.engine.rerank(
            asked.query,
            [one.text for one in asked.documents],
            model=model,
            raw_scores=asked.raw(),
            instruction=asked.instruction,
            truncation=asked.limits(),
        ),
    )
    given = asked.documents if asked.return_documents else ()
    size = sum(len(one.given or one.text) for one in given)
    wanted = asked.wanted(request.scope["path"])
    body = await offload(size, written, asked.documents, found, wanted)
    return respond(body, headers=reported(request.scope, found))


ERRORS = (InvalidRequest, EmptyInput, TooLong, TooManyInputs, WrongTask, UnknownModel, Overloaded)
RERANK = Operation(
    summary="Rank documents by a query; a body with `texts` is TEI's.",
    handler=rerank,
    body=RerankRequest | TeiRerankRequest,
    answer=VoyageRanking | Ranking | TeiRanking,
    task="rerank",
    failing=OPENAI,
    or_failing=tei.FAILING,
    errors=ERRORS,
)
RERANK_V1 = Operation(
    summary="Rank documents by a query; the results stand under `data` too, for Voyage's clients.",
    handler=rerank_v1,
    body=RerankRequest | TeiRerankRequest,
    answer=VoyageRanking | TeiRanking,
    task="rerank",
    errors=ERRORS,
)
RERANK_V2 = Operation(
    summary="Rank documents by a query.",
    handler=rerank_v2,
    body=RerankRequest,
    answer=VoyageRanking | Ranking,
    task="rerank",
    failing=COHERE,
    errors=ERRORS,
)
