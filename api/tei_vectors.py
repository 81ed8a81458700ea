"""TEI's POST /embed, /embed_all and /embed_sparse: vectors of texts, of their tokens, of the vocabulary."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from vectord.scheduler import Embeddings, Engine, Prompt, Sparse, SparseVectors, TokenVectors

from .encode import Number, Vector, encode, vector
from .inputs import MixedInputs
from .tei import TeiBody
from .tei_task import TeiTask


class TextsRequest(TeiBody):
    """What to make vectors of."""

    inputs: MixedInputs
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


def count(asked: TextsRequest) -> tuple[int, str]:
    """Return how many inputs there are."""
    return len(asked.inputs), "inputs"


async def embed(engine: Engine, asked: EmbedRequest, model: str) -> Embeddings:
    """Return a vector for each input."""
    return await engine.embed(
        asked.inputs,
        model=model,
        dimensions=asked.dimensions,
        normalize=asked.normalize is not False,
        prompt=Prompt(name=asked.prompt_name),
        truncation=asked.truncation(),
    )


async def embed_all(engine: Engine, asked: TextsRequest, model: str) -> TokenVectors:
    """Return a vector for each token of each input."""
    return await engine.embed_all(
        asked.inputs, model=model, prompt=Prompt(name=asked.prompt_name), truncation=asked.truncation()
    )


async def embed_sparse(engine: Engine, asked: TextsRequest, model: str) -> SparseVectors:
    """Return the weights of each input."""
    return await engine.sparse(
        asked.inputs, model=model, prompt=Prompt(name=asked.prompt_name), truncation=asked.truncation()
    )


def written(asked: TextsRequest, found: Embeddings | TokenVectors) -> bytes:
    """Return the answer's JSON: a bare list, even for one text."""
    return encode([orjson.Fragment(encode(vector(row, "float"))) for row in found.vectors])


def weights_written(asked: TextsRequest, found: SparseVectors) -> bytes:
    """Return the answer's JSON: a list of weights for each text."""
    return encode([orjson.Fragment(encode(weights(row))) for row in found.vectors])


def weights(row: Sparse) -> Sequence[Weight]:
    """Return the weights as they stand in an answer."""
    return [Weight(index, value) for index, value in zip(row.indices.tolist(), row.values, strict=True)]


EMBED_TASK = TeiTask(
    task="embed",
    body=EmbedRequest,
    count=count,
    ask=embed,
    size=lambda asked, found: found.vectors.nbytes,
    write=written,
)
EMBED_ALL_TASK = TeiTask(
    task="embed_all",
    body=TextsRequest,
    count=count,
    ask=embed_all,
    size=lambda asked, found: sum(rows.nbytes for rows in found.vectors),
    write=written,
)
EMBED_SPARSE_TASK = TeiTask(
    task="sparse",
    body=TextsRequest,
    count=count,
    ask=embed_sparse,
    size=lambda asked, found: sum(row.values.nbytes for row in found.vectors),
    write=weights_written,
)
EMBED = EMBED_TASK.operation("Embed texts or token ids; a bare list of vectors.", list[Vector])
EMBED_ALL = EMBED_ALL_TASK.operation(
    "A vector for every token of each text, special tokens included; ColBERT models' own.",
    list[list[Vector]],
)
EMBED_SPARSE = EMBED_SPARSE_TASK.operation(
    "Weights of the vocabulary's tokens for each text.", list[list[Weight]]
)
