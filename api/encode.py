"""Answers to bytes: orjson, straight from numpy, no Python list of floats on the way."""

from binascii import b2a_base64
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import WithJsonSchema
from starlette.responses import Response

Form = Literal["float", "base64"]

# What stands in an answer's dataclass, and what the client sees of it.
Number = Annotated[Any, WithJsonSchema({"type": "number"})]
NUMBERS = {"type": "array", "items": {"type": "number"}}
PACKED = {"type": "string", "format": "byte"}
VECTOR = {"description": "Numbers, or base64 over their little-endian bytes.", "anyOf": [NUMBERS, PACKED]}
MATRIX = {
    "description": "Rows of floats, or base64 over all of them, one row after the other.",
    "anyOf": [{"type": "array", "items": NUMBERS}, PACKED],
}
Numbers = Annotated[Any, WithJsonSchema(NUMBERS)]
Vector = Annotated[Any, WithJsonSchema(VECTOR)]


def encode(content: object) -> bytes:
    """Return dataclasses, lists, numpy arrays and scalars as JSON."""
    return orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY)


def respond(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return JSON as an answer; bytes are taken as encoded already."""
    body = content if isinstance(content, bytes) else encode(content)
    return Response(body, status, headers, media_type="application/json")


def vector(row: NDArray[np.float32], form: Form) -> Any:
    """Return one vector as it stands in an answer."""
    if form == "float":
        return row
    return b2a_base64(row.astype("<f4", copy=False).tobytes(), newline=False).decode("ascii")
