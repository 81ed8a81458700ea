"""TEI's POST /embed, /embed_all and /embed_sparse: vectors of texts, of their tokens, of the vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from vectord.scheduler import Embeddings, Prompt, Sparse, SparseVectors, TokenVectors

from .door import Door
from .encode import Number, Vector, encode, respond
from .inputs import Inputs
from .offload import offload
from .operation import Operation
from .report import reported
from .tei import ERRORS, FAILING, TeiBody


class TextsRequest(TeiBody):
    """What to make vectors of."""

    inputs: Inputs
    prompt_name: str | None = None


class EmbedRequest(TextsRequest):
    """What to embed; `dimensions` is judged by the engine, which knows the model."""

    normalize: bool | None = None
    dimensions: int | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """A token of the vocabulary and its weight."""

    index: int
    value: Number


async def embed(door: Door, request: Request) -> Response:
    """Answer POST /embed."""
    asked = await door.parse(request, EmbedRequest)
    door.check_count(len(asked.inputs), "inputs")
    found = await door.ask(
        request,
        "embed",
        asked.model,
        lambda model: door.engine.embed(
            asked.inputs,
            model=model,
            dimensions=asked.dimensions,
            normalize=asked.normalize is not False,
            prompt=Prompt(name=asked.prompt_name),
            truncation=asked.truncation(),
        ),
    )
    body = await offload(found.vectors.nbytes, written, found)
    return respond(body, headers=reported(request.scope, found))


async def embed_all(door: Door, request: Request) -> Response:
    """Answer POST /embed_all."""
    asked = await door.parse(request, TextsRequest)
    door.check_count(len(asked.inputs), "inputs")
    found = await door.ask(
        request,
        "embed_all",
        asked.model,
        lambda model: door.engine.embed_all(
            asked.inputs,
            model=model,
            prompt=Prompt(name=asked.prompt_name),
            truncation=asked.truncation(),
        ),
    )
    body = await offload(sum(rows.nbytes for rows in found.vectors), written, found)
    return respond(body, headers=reported(request.scope, found))


async def embed_sparse(door: Door, request: Request) -> Response:
    """Answer POST /embed_sparse."""
    asked = await door.parse(request, TextsRequest)
    door.check_count(len(asked.inputs), "inputs")
    found = await door.ask(
        request,
        "sparse",
        asked.model,
        lambda model: door.engine.sparse(
            asked.inputs,
            model=model,
            prompt=Prompt(name=asked.prompt_name),
            truncation=asked.truncation(),
        ),
    )
    body = await offload(sum(row.values.nbytes for row in found.vectors), weights_written, found)
    return respond(body, headers=reported(request.scope, found))


def written(found: Embeddings | TokenVectors) -> bytes:
    """Return the answer's JSON: a bare list, even for one text."""
    return encode([orjson.Fragment(encode(row)) for row in found.vectors])


def weights_written(found: SparseVectors) -> bytes:
    """Return the answer's JSON: a list of weights for each text."""
    return encode([orjson.Fragment(encode(weights(row))) for row in found.vectors])


def weights(row: Sparse) -> Sequence[Weight]:
    """Return the weights as they stand in an answer."""
    return [Weight(index, value) for index, value in zip(row.indices.tolist(), row.values, strict=True)]


EMBED = Operation(
    summary="Embed texts or token ids; a bare list of vectors.",
    handler=embed,
    body=EmbedRequest,
    answer=list[Vector],
    task="embed",
    failing=FAILING,
    errors=ERRORS,
)
EMBED_ALL = Operation(
    summary="A vector for every token of each text, special tokens included; ColBERT models' own.",
    handler=embed_all,
    body=TextsRequest,
    answer=list[list[Vector]],
    task="embed_all",
    failing=FAILING,
    errors=ERRORS,
)
EMBED_SPARSE = Operation(
    summary="Weights of the vocabulary's tokens for each text.",
    handler=embed_sparse,
    body=TextsRequest,
    answer=list[list[Weight]],
    task="sparse",
    failing=FAILING,
    errors=ERRORS,
)
