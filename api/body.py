"""The request's body: counted and timed as it arrives, then parsed strictly into its shape."""

import asyncio
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Receive

from vectord.errors import InvalidRequest, PayloadTooLarge, SlowRequest, WrongContentType

from .explain import explain
from .hangup import ClientLeft
from .offload import offload


class Body(BaseModel):
    """A request's shape: no type is bent to fit, unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


Shape = TypeVar("Shape", bound=Body)


class BrokenJson(InvalidRequest):
    """The body is not JSON at all."""


async def read(request: Request, *, limit: int, seconds: float) -> bytes:
    """Return the body. Raises `WrongContentType`, `PayloadTooLarge`, `SlowRequest`, `ClientLeft`."""
    check_kind(request.headers)
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await collect(request.receive, limit)
    except TimeoutError:
        raise SlowRequest(f"The request did not arrive within {seconds:g} seconds.") from None


def check_kind(headers: Headers) -> None:
    """Refuse what does not claim to be plain JSON; clients that claim nothing exist, and mean JSON."""
    kind = headers.get("content-type", "").split(";")[0].strip().lower()
    is_json = kind in ("", "application/json") or (kind.startswith("application/") and kind.endswith("+json"))
    if not is_json:
        raise WrongContentType("The body must be JSON: send `Content-Type: application/json`.")
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise WrongContentType("The body must not be compressed: send no `Content-Encoding`.")


async def collect(receive: Receive, limit: int) -> bytes:
    """Return the body once all of it is there."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > limit:
            raise too_large(limit)
        if not message.get("more_body", False):
            return b"".join(chunks)


def too_large(limit: int) -> PayloadTooLarge:
    """Return the refusal of a body over the limit."""
    return PayloadTooLarge(f"The body is larger than this server takes: {limit} bytes.")


@dataclass(frozen=True, slots=True)
class Content:
    """A body that is JSON, before it is known whose it is; `size` in bytes."""

    value: Any
    size: int

    def has(self, field: str) -> bool:
        """Whether it is an object with a field that is not null."""
        return isinstance(self.value, dict) and self.value.get(field) is not None

    async def shaped(self, shape: type[Shape]) -> Shape:
        """Return it in its shape. Raises `InvalidRequest` with one line that names the field."""
        return await offload(self.size, fitted, self.value, shape)


def parse(data: bytes, shape: type[Shape]) -> Shape:
    """Return the body in its shape. Raises `InvalidRequest` with one line that names the field."""
    return fitted(loaded(data), shape)


def loaded(data: bytes) -> Any:
    """Return what the body's JSON says, of no shape yet. Raises `BrokenJson`."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BrokenJson(why_broken(data, error)) from None


def fitted(content: Any, shape: type[Shape], *within: int | str) -> Shape:
    """Return JSON in a shape; `within` is where in the body it stands. Raises `InvalidRequest`."""
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        raise explain(error, *within) from None


def why_broken(data: bytes, error: orjson.JSONDecodeError) -> str:
    """Return what is wrong with a body that is not JSON; of wrong encodings orjson tells little."""
    try:
        data.decode()
    except UnicodeDecodeError as wrong:
        return f"The body is not UTF-8: see byte {wrong.start}."
    return f"The body is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})."
