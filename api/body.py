"""The request's body: counted and timed as it arrives, inflated, then parsed strictly into its shape."""

import asyncio
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.types import Receive

from vectord.errors import InvalidRequest, PayloadTooLarge, SlowRequest, UnknownCoding, WrongContentType

from .explain import explain
from .fields import field
from .hangup import ClientLeft
from .inflate import CODINGS, Broken, Coding, TooMuch, inflate
from .offload import offload


class Body(BaseModel):
    """A request's shape: no type is bent to fit, unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


Shape = TypeVar("Shape", bound=Body)


class BrokenJson(InvalidRequest):
    """The body cannot be read as JSON at all."""


async def read(request: Request, *, limit: int, seconds: float) -> bytes:
    """Return the body, inflated if it is compressed; the limit counts both before and after that.

    Raises `WrongContentType`, `PayloadTooLarge`, `SlowRequest`, `BrokenJson`, `ClientLeft`.
    """
    check_kind(field(request.scope, b"content-type") or "")
    coding = coding_of(field(request.scope, b"content-encoding") or "")
    data = await received(request, limit, seconds)
    # however small: in 8 KB there may be 8 MB
    return data if coding is None else await asyncio.to_thread(plain, data, coding, limit)


async def received(request: Request, limit: int, seconds: float) -> bytes:
    """Return the body as it was sent."""
    declared = field(request.scope, b"content-length") or ""
    if declared.isascii() and declared.isdigit() and int(declared) > limit:
        raise too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await collect(request.receive, limit)
    except TimeoutError:
        raise SlowRequest(f"The request did not arrive within {seconds:g} seconds.") from None


def check_kind(said: str) -> None:
    """Refuse what does not claim to be plain JSON; clients that claim nothing exist, and mean JSON."""
    kind = said.split(";")[0].strip().lower()
    is_json = kind in ("", "application/json") or (kind.startswith("application/") and kind.endswith("+json"))
    if not is_json:
        raise WrongContentType("The body must be JSON: send `Content-Type: application/json`.")


def coding_of(said: str) -> Coding | None:
    """Return how the body is compressed, None if it is not. Raises `UnknownCoding`."""
    names = [name for name in map(str.strip, said.lower().split(",")) if name not in ("", "identity")]
    if not names:
        return None
    if len(names) > 1 or names[0] not in CODINGS:
        raise UnknownCoding(f"The body may be compressed once, by one of: {', '.join(CODINGS)}.")
    return CODINGS[names[0]]


def plain(data: bytes, coding: Coding, limit: int) -> bytes:
    """Return a compressed body as it was. Raises `BrokenJson`, `PayloadTooLarge`."""
    try:
        return inflate(data, coding, limit)
    except TooMuch:
        raise too_large(limit) from None
    except Broken:
        raise BrokenJson("The body is not what its `Content-Encoding` says, or it is not complete.") from None


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
