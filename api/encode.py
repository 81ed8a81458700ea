"""Answers to bytes: orjson, straight from numpy, no Python list of floats on the way."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
import orjson
import pybase64
from numpy.typing import NDArray
from pydantic import WithJsonSchema
from starlette.responses import Response

Form = Literal["float", "base64"]
PART = 1 << 16  # numbers; to write them takes some two milliseconds

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


def matrix(rows: NDArray[np.float32]) -> bytes:
    """Return many rows as JSON, some at a time: while orjson writes, no other thread runs."""
    step = max(1, PART // rows.shape[-1])
    parts = [encode(rows[start : start + step])[1:-1] for start in range(0, len(rows), step)]
    return b"[%b]" % b",".join(parts)


def respond(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return JSON as an answer; bytes are taken as encoded already."""
    body = content if isinstance(content, bytes) else encode(content)
    return Response(body, status, headers, media_type="application/json")


def vector(row: NDArray[np.float32], form: Form) -> Any:
    """Return one vector, or one text's token vectors, as they stand in an answer."""
    if form == "float":
        return orjson.Fragment(matrix(row)) if row.ndim == 2 and row.size > PART else row
    return pybase64.b64encode_as_string(row.astype("<f4", copy=False).data)
