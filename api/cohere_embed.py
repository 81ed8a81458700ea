"""Cohere's POST /v1/embed and /v2/embed: several precisions from one pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import PlainValidator
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from vectord.errors import EmptyInput, InvalidRequest
from vectord.scheduler import Embeddings, Prompt, Truncation

from .body import Body
from .door import Door
from .encode import encode, respond
from .failures import COHERE
from .inputs import NULL, STRING, schema
from .offload import offload
from .operation import Operation
from .options import ERRORS, Cut, Limit, Size, limited
from .precision import Form, Numbers, cells, form_of, scaled
from .report import reported

EmbeddingType = Literal["float", "int8", "uint8", "binary", "ubinary", "base64"]
Vectors = list[Numbers]
PART = {
    "type": "object",
    "properties": {"type": {"type": "string", "const": "text"}, "text": {"type": "string"}},
    "required": ["type", "text"],
}
INPUT = {
    "type": "object",
    "properties": {"content": {"type": "array", "items": PART, "minItems": 1}},
    "required": ["content"],
}


def texts_of(value: Any) -> list[str] | None:
    """Return v1's `texts`."""
    if value is not None and (not isinstance(value, list) or any(not isinstance(one, str) for one in value)):
        raise PydanticCustomError("texts", "must be a list of strings")
    return value


def inputs_of(value: Any) -> list[str] | None:
    """Return the texts of v2's `inputs`."""
    if value is not None and not isinstance(value, list):
        raise PydanticCustomError("inputs", "must be a list of objects with `content`")
    return None if value is None else [text_of(one) for one in value]


def no_images(value: Any) -> None:
    """Refuse images."""
    if value not in (None, []):
        raise PydanticCustomError("images", "must be empty: this server embeds texts")


def text_of(value: Any) -> str:
    """Return the text of one input: its parts, each in a line of its own."""
    content = value.get("content") if isinstance(value, dict) else None
    if not isinstance(content, list) or not content:
        raise PydanticCustomError("inputs", "must hold objects with `content`, a list of text parts")
    return "\n".join(part_of(part) for part in content)


def part_of(part: Any) -> str:
    """Return the text of a part."""
    text = part.get("text") if isinstance(part, dict) and part.get("type", "text") == "text" else None
    if not isinstance(text, str):
        raise PydanticCustomError("inputs", "has a part that is no text; this server embeds texts")
    return text


TEXTS = {"type": "array", "items": STRING}
Texts = Annotated[list[str] | None, PlainValidator(texts_of), schema((TEXTS, NULL))]
Inputs = Annotated[
    list[str] | None, PlainValidator(inputs_of), schema(({"type": "array", "items": INPUT}, NULL))
]
Images = Annotated[None, PlainValidator(no_images), schema(({"type": "array", "maxItems": 0}, NULL))]


class CohereEmbedRequest(Body):
    """What to embed: `texts`, or `inputs` made of text parts; and in which precisions, by name."""

    texts: Texts = None
    inputs: Inputs = None
    images: Images = None
    model: str | None = None
    input_type: str | None = None
    embedding_types: list[EmbeddingType] | None = None
    output_dimension: Size = None
    truncate: Cut = None
    max_tokens: Limit = None

    def given(self) -> list[str]:
        """Return the texts. Raises `EmptyInput` for none, `InvalidRequest` for two lists of them."""
        if self.texts and self.inputs:
            raise InvalidRequest("Send `texts` or `inputs`, not both.", param="inputs")
        if not self.texts and not self.inputs:
            raise EmptyInput("`texts` must not be empty.", param="texts")
        return self.texts or self.inputs or []

    def forms(self) -> dict[str, Form]:
        """Return how vectors shall be written, by type."""
        return {word: form_of(word, base64=False) for word in self.embedding_types or ("float",)}

    def truncation(self) -> Truncation:
        """Return what becomes of texts over the limit."""
        return limited(self.truncate or Truncation(), self.max_tokens)


@dataclass(frozen=True, slots=True)
class EmbedVersion:
    """The version of Cohere's protocol."""

    version: Literal["1", "2"]


@dataclass(frozen=True, slots=True)
class BilledTokens:
    """What Cohere would charge."""

    input_tokens: int


@dataclass(frozen=True, slots=True)
class EmbedMeta:
    """What Cohere's clients look for beside the vectors."""

    api_version: EmbedVersion
    billed_units: BilledTokens


@dataclass(frozen=True, slots=True)
class VectorsByType:
    """Vectors in each type that was asked for, in the order of the texts."""

    float: Vectors | None = None
    int8: Vectors | None = None
    uint8: Vectors | None = None
    binary: Vectors | None = None
    ubinary: Vectors | None = None
    base64: list[str] | None = None


@dataclass(frozen=True, slots=True)
class FloatsAnswer:
    """The answer of v1 to a request that names no types."""

    id: str
    texts: list[str]
    embeddings: Vectors
    meta: EmbedMeta
    response_type: Literal["embeddings_floats"] = "embeddings_floats"


@dataclass(frozen=True, slots=True)
class ByTypeAnswer:
    """The answer of v2, and that of v1 to a request that names types."""

    id: str
    texts: list[str]
    embeddings: VectorsByType
    meta: EmbedMeta
    response_type: Literal["embeddings_by_type"] = "embeddings_by_type"


async def embed_v1(door: Door, request: Request) -> Response:
    """Answer POST /v1/embed."""
    asked = await door.parse(request, CohereEmbedRequest)
    return await embed(door, request, asked, "1", bare=not asked.embedding_types)


async def embed_v2(door: Door, request: Request) -> Response:
    """Answer POST /v2/embed."""
    asked = await door.parse(request, CohereEmbedRequest)
    return await embed(door, request, asked, "2", bare=False)


async def embed(
    door: Door, request: Request, asked: CohereEmbedRequest, version: Literal["1", "2"], *, bare: bool
) -> Response:
    """Ask the engine and answer: with bare vectors, or by type."""
    texts, forms = asked.given(), asked.forms()
    door.check_count(len(texts), "texts")
    found = await door.ask(
        request,
        "embed",
        asked.model,
        lambda model: door.engine.embed(
            texts,
            model=model,
            dimensions=asked.output_dimension,
            prompt=Prompt(input_type=asked.input_type),
            truncation=asked.truncation(),
            precisions={form.precision for form in forms.values()},
        ),
    )
    meta = EmbedMeta(EmbedVersion(version), BilledTokens(found.tokens))
    size = found.vectors.nbytes + sum(map(len, texts))
    body = await offload(size, written, found, texts, forms, meta, bare=bare)
    return respond(body, headers={**reported(request.scope, found), **scaled(found)})


def written(
    found: Embeddings, texts: Sequence[str], forms: dict[str, Form], meta: EmbedMeta, *, bare: bool
) -> bytes:
    """Return the answer's JSON, by hand as in `openai.written`."""
    kind = b"embeddings_floats" if bare else b"embeddings_by_type"
    parts = [b'{"response_type":"%b","id":"%b","texts":' % (kind, uuid4().hex.encode()), encode(texts)]
    parts += (b',"meta":', encode(meta), b',"embeddings":')
    if bare:
        parts += listed(found, forms["float"])
    else:
        for place, (word, form) in enumerate(forms.items()):
            parts.append(b'%b"%b":' % (b"," if place else b"{", word.encode()))
            parts += listed(found, form)
        parts.append(b"}")
    parts.append(b"}")
    return b"".join(parts)


def listed(found: Embeddings, form: Form) -> Iterator[bytes]:
    """Yield the parts of a list of vectors."""
    for place, cell in enumerate(cells(found, form)):
        yield b"," if place else b"["
        yield cell
    yield b"]"


EMBED_V1 = Operation(
    summary="Embed texts, as Cohere does.",
    handler=embed_v1,
    body=CohereEmbedRequest,
    answer=FloatsAnswer | ByTypeAnswer,
    task="embed",
    errors=ERRORS,
)
EMBED_V2 = Operation(
    summary="Embed texts, as Cohere does; vectors by type.",
    handler=embed_v2,
    body=CohereEmbedRequest,
    answer=ByTypeAnswer,
    task="embed",
    failing=COHERE,
    errors=ERRORS,
)
