"""What is ranked: texts, or objects of which some fields count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from .encode import encode
from .inputs import STRING, schema


@dataclass(frozen=True, slots=True)
class Document:
    """The text that is ranked; `given` is the JSON to give back for an object, if that was asked for."""

    text: str
    given: bytes | None = None


def document_of(value: Any, info: ValidationInfo) -> Document:
    """Return a document; of an object the fields that the request's `rank_fields` name."""
    if isinstance(value, str):
        return Document(value)
    fields = info.data.get("rank_fields")
    text = joined(value, fields) if fields and isinstance(value, dict) else text_of(value)
    if not info.data.get("return_documents"):
        return Document(text)
    # whatever its fields, clients read a string `text`
    shown = value["text"] if isinstance(value.get("text"), str) else text
    return Document(text, written({**value, "text": shown}))


def text_of(value: Any) -> str:
    """Return a text, or an object's."""
    text = value.get("text") if isinstance(value, dict) else value
    if not isinstance(text, str):
        raise PydanticCustomError("document", "must be a string or an object with a string `text`")
    return text


def joined(value: Mapping[str, Any], fields: Sequence[str]) -> str:
    """Return the value of the only field that is asked for, or a line `field: value` for each that is there.

    Such lines are what Cohere recommends for objects; what is no string is written as JSON.
    """
    found = {field: value[field] for field in fields if value.get(field) is not None}
    if not found:
        raise PydanticCustomError("document", "has none of the fields that `rank_fields` names")
    parts = {
        field: part if isinstance(part, str) else written(part).decode() for field, part in found.items()
    }
    if len(fields) == 1:
        return parts[fields[0]]
    return "\n".join(f"{field}: {part}" for field, part in parts.items())


def written(value: Any) -> bytes:
    """Return a value as JSON."""
    try:
        return encode(value)
    except orjson.JSONEncodeError:  # it was read, so it can only be too deep
        raise PydanticCustomError("document", "is nested too deeply") from None


TEXT_OBJECT = {"type": "object", "properties": {"text": STRING}, "required": ["text"]}
# an object may have any fields where the request has `rank_fields`
Item = Annotated[Document, PlainValidator(document_of), schema((STRING, TEXT_OBJECT, {"type": "object"}))]
