"""POST /v1/embeddings: OpenAI's dialect, with the fields of Jina, Voyage, vLLM and infinity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from vectord.scheduler import Embeddings

from .door import Door
from .encode import Vector, encode, respond
from .inputs import Items
from .offload import offload
from .operation import Operation
from .options import ERRORS, Prompted, Size, Truncated, first
from .precision import BASE64, Endianness, Form, Words, cells, form_of, scaled, toil
from .report import reported


class EmbeddingRequest(Truncated, Prompted):
    """What to embed, and how the vectors shall look.

    Where dialects have a word each for one thing, the first that is given counts.
    """

    input: Items
    model: str | None = None
    encoding_format: Literal["float", "base64"] | None = None
    endianness: Endianness | None = None
    embedding_type: Words = None
    encoding_type: Words = None
    embed_dtype: Words = None
    output_dtype: Words = None
    dimensions: Size = None
    output_dimension: Size = None
    normalize: bool | None = None
    normalized: bool | None = None
    use_activation: bool | None = None
    late_chunking: bool | None = None
    modality: Literal["text"] | None = None
    user: str | None = None

    def size(self) -> int | None:
        """Return how many dimensions the vectors shall have, None for all.

        Infinity's client says 0 for that, always with `modality`; from others 0 is a mistake.
        """
        size: int | None = first(self.dimensions, self.output_dimension)
        return None if size == 0 and self.modality is not None else size

    def forms(self) -> dict[str, Form]:
        """Return how each vector shall be written, by the request's words."""
        asked = (self.embedding_type, self.encoding_type, self.embed_dtype, self.output_dtype)
        words: tuple[str, ...] = first(*asked, ("float",))
        base64 = self.encoding_format == BASE64
        return {word: form_of(word, base64, self.endianness or "little") for word in words}

    def unit(self) -> bool:
        """Whether the vectors shall have length 1."""
        wanted: bool = first(self.normalize, self.normalized, self.use_activation, True)
        return wanted


@dataclass(frozen=True, slots=True)
class Embedding:
    """One input's vector; `embeddings` only where several precisions were asked for, by their words."""

    index: int
    embedding: Vector
    object: Literal["embedding"] = "embedding"
    embeddings: dict[str, Vector] | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that the model ran; `truncated` counts the inputs that were cut."""

    prompt_tokens: int
    total_tokens: int
    truncated: int


@dataclass(frozen=True, slots=True)
class EmbeddingList:
    """The vectors, in the order of the inputs; `model` is the name that the request used."""

    data: list[Embedding]
    model: str
    usage: Usage
    object: Literal["list"] = "list"


async def create_embeddings(door: Door, request: Request) -> Response:
    """Answer POST /v1/embeddings."""
    asked = await door.parse(request, EmbeddingRequest)
    door.check_count(len(asked.input), "input")
    size, forms = asked.size(), asked.forms()
    found = await door.ask(
        request,
        "embed",
        asked.model,
        lambda model: door.engine.embed(
            asked.input,
            model=model,
            dimensions=size,
            normalize=asked.unit(),
            prompt=asked.prompted(),
            truncation=asked.truncated(),
            precisions={form.precision for form in forms.values()},
            late_chunking=bool(asked.late_chunking),
        ),
    )
    body = await offload(toil(found, forms.values()), written, found, forms)
    return respond(body, headers={**reported(request.scope, found), **scaled(found)})


def written(found: Embeddings, forms: Mapping[str, Form]) -> bytes:
    """Return the answer's JSON."""
    usage = Usage(found.tokens, found.tokens, found.truncated)
    # by hand, since every pass over megabytes of vectors costs as much as all the rest
    parts = [b'{"object":"list","model":', encode(found.model), b',"usage":', encode(usage), b',"data":[']
    for index, row in enumerate(zip(*(cells(found, form) for form in forms.values()), strict=True)):
        parts += (b',{"object":"embedding","index":%d,"embedding":' % index, row[0])
        if len(row) > 1:
            several = b",".join(
                b'"%b":%b' % (word.encode(), cell) for word, cell in zip(forms, row, strict=True)
            )
            parts.append(b',"embeddings":{%b}' % several)
        parts.append(b"}")
    parts[5] = parts[5].removeprefix(b",")
    parts.append(b"]}")
    return b"".join(parts)


EMBEDDINGS = Operation(
    summary="Embed texts or token ids.",
    handler=create_embeddings,
    body=EmbeddingRequest,
    answer=EmbeddingList,
    task="embed",
    errors=ERRORS,
)
