"""Vectors as they leave: in which precisions, as numbers or in base64; the words that clients have for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

import numpy as np
import orjson
from numpy.typing import NDArray
from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from vectord.scheduler import Embeddings, Precision

from .inputs import NULL, schema

try:
    from pybase64 import b64encode
except ImportError:  # a platform that it is not built for; this takes ten times as long
    from base64 import b64encode

Endianness = Literal["native", "little", "big"]
PRECISIONS: dict[str, Precision] = {"float": "float32", **{word: word for word in get_args(Precision)}}
SCALE_HEADER = "x-vectord-int8-scale"
BASE64 = "base64"
BASE64_SPEED = 16  # times as fast as numbers are written
WORDS = (*PRECISIONS, BASE64)
ONE_WORD = {"type": "string", "enum": list(WORDS)}


Numbers = Annotated[Any, WithJsonSchema({"type": "array", "items": {"type": "number"}})]


@dataclass(frozen=True, slots=True)
class Form:
    """How vectors are written: `base64` over the bytes of the precision, else numbers."""

    precision: Precision
    base64: bool
    endianness: Endianness = "little"


def words_of(value: Any) -> tuple[str, ...] | None:
    """Return one or several words for a precision, each once; None for null."""
    if value is None:
        return None
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not words or not all(word in WORDS for word in map(hashable, words)):
        raise PydanticCustomError("precision", f"must be one of {', '.join(WORDS)}, or a list of these")
    return tuple(dict.fromkeys(words))


def hashable(value: Any) -> Any:
    """Return the value if it is a string."""
    return value if isinstance(value, str) else None


Words = Annotated[
    tuple[str, ...] | None,
    PlainValidator(words_of),
    schema((ONE_WORD, {"type": "array", "items": ONE_WORD, "minItems": 1}, NULL)),
]


def form_of(word: str, base64: bool, endianness: Endianness = "little") -> Form:
    """Return the form that a word asks for; the word base64 is for float32."""
    if word == BASE64:
        return Form("float32", True, endianness)
    return Form(PRECISIONS[word], base64, endianness)


def cells(found: Embeddings, form: Form) -> Iterator[bytes]:
    """Yield each vector's JSON.

    Row by row: a thread that encodes all at once would hold the interpreter, and so the event loop.
    """
    rows = found.converted(form.precision)
    if not form.base64:
        numbers = rows if rows.dtype.kind in "iu" else rows.astype(np.float32, copy=False)
        return (orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY) for row in numbers)
    return coded(rows, form.endianness)


def toil(found: Embeddings, forms: Iterable[Form]) -> int:
    """Return how much work it is to write vectors, in bytes of numbers that take as long to write."""
    return sum(found.vectors.nbytes // (BASE64_SPEED if form.base64 else 1) for form in forms)


def coded(rows: NDArray[Any], endianness: Endianness) -> Iterator[bytes]:
    """Yield each row's bytes in base64, between quotes; servers run on little-endian machines."""
    plain = rows.view(np.uint16) if rows.dtype.itemsize == 2 else rows  # numpy cannot swap a bfloat16
    data = np.ascontiguousarray(plain.byteswap() if endianness == "big" else plain).view(np.uint8)
    return (b'"%b"' % b64encode(row) for row in data)


def scaled(found: Embeddings) -> dict[str, str]:
    """Return the header that says what a step of 8 bits is worth, where they were asked for."""
    return {} if found.scale is None else {SCALE_HEADER: repr(found.scale)}
