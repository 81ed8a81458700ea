"""Answers to vectors, in either dialect."""

import base64
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class NoVector(ValueError):
    """The answer holds no vector where its dialect has one."""


def first_vector(body: bytes) -> "NDArray[np.float32]":
    """Return the vector of a request's first input, (width,). Raises `NoVector`."""
    import numpy as np

    try:
        content: Any = json.loads(body)
        if isinstance(content, dict):
            content = min(content["data"], key=lambda one: int(one.get("index", 0)))["embedding"]
        elif isinstance(content[0], list):
            content = content[0]
        if isinstance(content, str):
            return np.frombuffer(base64.b64decode(content), "<f4").astype(np.float32)
        vector = np.array(content, np.float32)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise NoVector(f"an answer without a vector: {body[:80]!r}") from error
    if vector.ndim != 1 or not vector.size:
        raise NoVector(f"an answer whose vector has the shape {vector.shape}")
    return vector


def whole(head: bytes, body: bytes) -> bytes:
    """Return an answer's body, its chunks put together if it came in chunks."""
    if b"transfer-encoding: chunked" not in head:
        return body
    parts = []
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size.split(b";")[0], 16)
        parts.append(body[:length])
        body = body[length + 2 :] if length else b""
    return b"".join(parts)
