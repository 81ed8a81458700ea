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

from .door import Door
from .encode import encode, respond
from .operation import Listed, Operation, Parameter

Json = dict[str, Any]

WITH_BODY: tuple[type[RequestError], ...] = (SlowRequest, PayloadTooLarge, WrongContentType)
ANY: tuple[type[RequestError], ...] = (RequestError,)
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
}
REQUEST_ID = {"x-request-id": {"description": "The request's name.", "schema": {"type": "string"}}}


class Document:
    """The description of a surface, made once it is asked for."""

    def __init__(self) -> None:
        self.surface: tuple[Listed, ...] = ()

    async def handle(self, door: Door, request: Request) -> Response:
        """Answer GET /openapi.json."""
        return respond(self.written)

    @cached_property
    def written(self) -> bytes:
        """The document's JSON."""
        return encode(describe(self.surface))


def described(surface: Sequence[Listed]) -> tuple[Listed, ...]:
    """Return the surface with a route that describes it, itself included."""
    document = Document()
    asked = Operation(summary="This description.", handler=document.handle, answer=dict[str, Any])
    document.surface = (*surface, Listed("GET", "/openapi.json", asked))
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
        "info": {"title": "vectord", "version": __version__, "license": {"name": "Apache-2.0"}},
        "paths": paths,
        "components": {"schemas": definitions, "securitySchemes": SECURITY},
    }


def schemas(surface: Iterable[Listed]) -> tuple[dict[Any, Json], Json]:
    """Return a reference for each type that the operations name, and the definitions."""
    types = []
    for one in surface:
        asked = one.operation
        types += [asked.body, asked.answer, *(failing.shape for failing in asked.failings)]
    unique = [kind for number, kind in enumerate(types) if kind is not None and kind not in types[:number]]
    found, whole = TypeAdapter.json_schemas(
        [(number, "validation", TypeAdapter(kind)) for number, kind in enumerate(unique)],
        ref_template="#/components/schemas/{model}",
    )
    return {kind: found[number, "validation"] for number, kind in enumerate(unique)}, whole["$defs"]


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
    good = {"text/plain": {"schema": {"type": "string"}}}
    if asked.answer is not None:
        good = json_content(names[asked.answer])
    out = {"200": {"description": "The answer.", "headers": REQUEST_ID, "content": good}}
    for status, told in sorted(errors(asked).items()):
        out[str(status.value)] = {
            "description": " ".join(dict.fromkeys(says for says, _ in told)),
            "headers": REQUEST_ID,
            "content": json_content(any_of([names[shape] for shape in dict.fromkeys(s for _, s in told)])),
        }
    return out


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
