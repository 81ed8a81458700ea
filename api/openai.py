"""OpenAI's dialect: POST /v1/embeddings."""

from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import Field
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
from vectord.scheduler import Embeddings, Prompt

from .body import Body
from .door import Door
from .encode import Form, Vector, encode, respond, vector
from .inputs import Inputs
from .offload import offload
from .operation import Operation
from .report import reported


class EmbeddingRequest(Body):
    """What to embed, and how the vectors shall look."""

    input: Inputs
    model: str | None = None
    encoding_format: Form | None = None
    dimensions: Annotated[int, Field(ge=1)] | None = None
    task: str | None = None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Embedding:
    """One input's vector."""

    index: int
    embedding: Vector
    object: str = "embedding"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the model ran; `truncated` counts the inputs that were cut."""

    prompt_tokens: int
    total_tokens: int
    truncated: int


@dataclass(frozen=True, slots=True)
class EmbeddingList:
    """The vectors, in the order of the inputs."""

    data: list[Embedding]
    model: str
    usage: Usage
    object: str = "list"


async def create_embeddings(door: Door, request: Request) -> Response:
    """Answer POST /v1/embeddings."""
    asked = await door.parse(request, EmbeddingRequest)
    door.check_count(len(asked.input), "input")
    found = await door.ask(
        request,
        "embed",
        asked.model,
        lambda model: door.engine.embed(
            asked.input, model=model, dimensions=asked.dimensions, prompt=Prompt(task=asked.task)
        ),
    )
    body = await offload(found.vectors.nbytes, written, found, asked.encoding_format or "float")
    return respond(body, headers=reported(request.scope, found))


def written(found: Embeddings, form: Form) -> bytes:
    """Return the answer's JSON."""
    # Row by row: a thread that encodes all at once would hold the interpreter, and so the event loop.
    rows: list[Any] = [
        orjson.Fragment(encode(Embedding(index, vector(row, form))))
        for index, row in enumerate(found.vectors)
    ]
    usage = Usage(found.tokens, found.tokens, found.truncated)
    return encode(EmbeddingList(rows, found.model, usage))


EMBEDDINGS = Operation(
    summary="Embed texts or token ids.",
    handler=create_embeddings,
    body=EmbeddingRequest,
    answer=EmbeddingList,
    task="embed",
    errors=(InvalidRequest, EmptyInput, TooLong, TooManyInputs, WrongTask, UnknownModel, Overloaded),
)
