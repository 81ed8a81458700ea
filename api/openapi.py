"""GET /openapi.json: OpenAPI 3.1, made from the declared operations and their types."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from http import HTTPStatus
from itertools import product
from typing import Any

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from vectord import __version__
from vectord.errors import (
    PayloadTooLarge,
    RequestError,
    SlowRequest,
    Unauthorized,
    WrongContentType,
)

from . import docs
from .door import Door
from .encode import encode, respond
from .glossary import explained
from .operation import Listed, Operation, Parameter

Json = dict[str, Any]

REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')
ABOUT = (
    "Embeddings and reranking for clients of OpenAI, Cohere, Jina and Text Embeddings Inference. Bodies are "
    "JSON, compressed or not (gzip, zstd, deflate); unknown fields are ignored, and null means absent."
)
WITH_BODY: tuple[type[RequestError], ...] = (SlowRequest, PayloadTooLarge, WrongContentType)
ANY: tuple[type[RequestError], ...] = (RequestError,)
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
}


def header(says: str, kind: str = "string") -> Json:
    """Return a header object."""
    return {"description": says, "schema": {"type": kind}}


REQUEST_ID = {"x-request-id": header("The request's name: the client's own or a new one.")}
MILLISECONDS = "Milliseconds, whole, of {}; on routes that run a model."
REPORTED = {
    "x-compute-type": header("`cpu` or `gpu`; on routes that run a model."),
    "x-compute-time": header(MILLISECONDS.format("all work")),
    "x-compute-characters": header("Characters of all inputs; on routes that run a model."),
    "x-compute-tokens": header("Tokens that the model ran; on routes that run a model."),
    "x-total-time": header(MILLISECONDS.format("the request, from its last byte on")),
    "x-tokenization-time": header(MILLISECONDS.format("tokenising")),
    "x-queue-time": header(MILLISECONDS.format("waiting for a batch")),
    "x-inference-time": header(MILLISECONDS.format("running")),
    "x-vectord-truncated": header("How many inputs were cut; absent if none was."),
}
COME_BACK = {
    "retry-after": header("Whole seconds after which to try again."),
    "retry-after-ms": header("The same in milliseconds, not rounded up to a second."),
}
HEADERS = {
    401: {"www-authenticate": header("How to send a key.")},
    415: {"accept-encoding": header("The codings that bodies may have, if the body's own was at fault.")},
    429: COME_BACK,
    503: COME_BACK,
}


class Document:
    """The description of a surface, made once it is asked for."""

    def __init__(self) -> None:
        self.surface: tuple[Listed, ...] = ()

    async def handle(self, door: Door, request: Request) -> Response:
        """Answer GET /openapi.json."""
        return respond(self.written)

    async def show(self, door: Door, request: Request) -> Response:
        """Answer GET /docs."""
        return docs.answer(self.page)

    @cached_property
    def content(self) -> Json:
        """The document."""
        return describe(self.surface)

    @cached_property
    def written(self) -> bytes:
        """The document's JSON."""
        return encode(self.content)

    @cached_property
    def page(self) -> docs.Page:
        """The document to be read."""
        return docs.Page(self.content)


def described(surface: Sequence[Listed]) -> tuple[Listed, ...]:
    """Return the surface with the routes that describe it, themselves included."""
    document = Document()
    asked = Operation(summary="This description.", handler=document.handle, answer=dict[str, Any])
    # browsers send no key, and what any vectord can do is no secret
    shown = Operation(
        summary="This description, to be read.",
        handler=document.show,
        answer=None,
        media_type="text/html",
        needs_key=False,
    )
    document.surface = (*surface, Listed("GET", "/openapi.json", asked), Listed("GET", "/docs", shown))
    return document.surface


def describe(surface: Sequence[Listed]) -> Json:
    """Return the OpenAPI document."""
    names, definitions = schemas(surface)
    paths: dict[str, Json] = {}
    for one in surface:
        path = re.sub(r":\w+}", "}", one.path)
        paths.setdefault(path, {})[one.method.lower()] = operation(one, path, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "vectord",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {"schemas": explained(used(definitions, paths)), "securitySchemes": SECURITY},
    }


def schemas(surface: Iterable[Listed]) -> tuple[dict[Any, Json], Json]:
    """Return a reference for each type that the operations name, and the definitions."""
    types = []
    for one in surface:
        asked = one.operation
        shapes = (failing.shape for failing in asked.failings)
        types += [asked.body, asked.answer, asked.unready, *shapes]
    unique = [kind for number, kind in enumerate(types) if kind is not None and kind not in types[:number]]
    found, whole = TypeAdapter.json_schemas(
        [(number, "validation", TypeAdapter(kind)) for number, kind in enumerate(unique)],
        ref_template="#/components/schemas/{model}",
    )
    return {kind: found[number, "validation"] for number, kind in enumerate(unique)}, whole["$defs"]


def used(definitions: Json, told: object) -> Json:
    """Return the definitions that are referred to; validators' own types leave some that are not."""
    names: set[str] = set()
    waiting = [told]
    while waiting:
        found = set(REFERENCE.findall(encode(waiting.pop()).decode())) - names
        names |= found
        waiting += [definitions[name] for name in found]
    return {name: schema for name, schema in definitions.items() if name in names}


def operation(one: Listed, path: str, names: dict[Any, Json]) -> Json:
    """Return one operation object."""
    asked = one.operation
    word = "_".join(re.findall(r"\w+", path)) or "root"
    out: Json = {
        "operationId": f"{one.method.lower()}_{word}",
        "summary": asked.summary,
        "responses": responses(asked, names),
    }
    if "{" in path:
        out["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}]
    if asked.parameters:
        out.setdefault("parameters", []).extend(map(parameter, asked.parameters))
    if asked.body is not None:
        out["requestBody"] = {"required": True, "content": json_content(names[asked.body])}
    if asked.needs_key:
        # The empty one: a server may run without keys.
        out["security"] = [{"bearer": []}, {"apiKey": []}, {}]
    return out


def parameter(one: Parameter) -> Json:
    """Return one parameter object."""
    return {"name": one.name, "in": one.place, "description": one.says, "schema": {"type": "string"}}


def responses(asked: Operation, names: dict[Any, Json]) -> Json:
    """Return every answer of an operation, by status."""
    good = {asked.media_type: {"schema": {"type": "string"}}}
    if asked.answer is not None:
        good = json_content(names[asked.answer])
    headers = headers_of(200, REPORTED if asked.task or asked.body is not None else {})
    out: Json = {"200": {"description": "The answer.", "headers": headers, "content": good}}
    for status, told in sorted(errors(asked).items()):
        out[str(status.value)] = {
            "description": " ".join(dict.fromkeys(says for says, _ in told)),
            "headers": headers_of(status),
            "content": json_content(any_of([names[shape] for shape in dict.fromkeys(s for _, s in told)])),
        }
    if asked.unready is not None:
        content = json_content(names[asked.unready])
        out["503"] = {"description": "Not now.", "headers": headers_of(503), "content": content}
    return out


def headers_of(status: int, more: Json | None = None) -> Json:
    """Return the headers of an answer."""
    return {**REQUEST_ID, **(more or {}), **HEADERS.get(status, {})}


def errors(asked: Operation) -> dict[HTTPStatus, list[tuple[str, type]]]:
    """Return what may go wrong and in which shape it is told, by the status that the dialects give it."""
    kinds = [*asked.errors, *ANY]
    kinds += WITH_BODY if asked.body is not None else ()
    kinds += (Unauthorized,) if asked.needs_key else ()
    out: dict[HTTPStatus, list[tuple[str, type]]] = {}
    for failing, kind in product(asked.failings, kinds):
        says = (kind.__doc__ or "").split("\n")[0]
        out.setdefault(failing.status(kind("")), []).append((says, failing.shape))
    return out


def any_of(schemas: list[Json]) -> Json:
    """Return a schema that any of the others meets."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def json_content(schema: Json) -> Json:
    """Return a schema as a JSON body's."""
    return {"application/json": {"schema": schema}}
