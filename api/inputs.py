"""What clients ask vectors for: texts, or token ids of the model's vocabulary."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import FailFast, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from .explain import EMPTY

MOST_ID = 2**31 - 1

ONE_OF = "must be a string, a list of strings, a list of token ids or a list of such lists, not a mix"


def inputs_of(value: Any) -> list[str] | list[list[int]]:
    """Return one input per vector asked for: all texts, or all token ids."""
    if isinstance(value, str):
        return [value]
    kinds = kinds_of(value)
    if kinds == {str}:
        return list(value)
    if kinds == {int}:
        value, kinds = [value], {list}
    if kinds != {list} or any(kinds_of(ids) != {int} for ids in value):
        raise PydanticCustomError("inputs", ONE_OF)
    if min(map(min, value)) < 0 or max(map(max, value)) > MOST_ID:
        raise PydanticCustomError("inputs", "holds a token id that is outside the vocabulary")
    return list(value)


def mixed_inputs_of(value: Any) -> list[str | list[int]]:
    """Return one input per vector asked for; texts may stand beside token ids."""
    if not isinstance(value, list) or kinds_of(value) != {str, list}:
        return [*inputs_of(value)]
    return [inputs_of(one if isinstance(one, str) else [one])[0] for one in value]


def kinds_of(value: Any) -> set[type]:
    """Return the exact types in a list: a bool is no int here."""
    if not isinstance(value, list):
        raise PydanticCustomError("inputs", ONE_OF)
    if not value:
        raise PydanticCustomError(EMPTY, "must not be an empty list")
    return set(map(type, value))


def schema(alternatives: Iterable[dict[str, Any]]) -> WithJsonSchema:
    """Return the JSON schema of a field that takes several shapes."""
    return WithJsonSchema({"anyOf": list(alternatives)})


NULL = {"type": "null"}
STRING = {"type": "string", "minLength": 1}
STRINGS = {"type": "array", "items": STRING, "minItems": 1}
ID = {"type": "integer", "minimum": 0, "maximum": MOST_ID}
IDS = {"type": "array", "items": ID, "minItems": 1}

Inputs = Annotated[
    list[str] | list[list[int]],
    PlainValidator(inputs_of),
    schema(
        (
            STRING,
            STRINGS,
            IDS,
            {"type": "array", "items": IDS, "minItems": 1},
        )
    ),
]

MixedInputs = Annotated[
    list[str | list[int]],
    PlainValidator(mixed_inputs_of),
    schema((STRING, IDS, {"type": "array", "items": {"anyOf": [STRING, IDS]}, "minItems": 1})),
]

# refused by the engine where they are empty
FullString = Annotated[str, WithJsonSchema(STRING)]
FullStrings = Annotated[list[str], FailFast(), WithJsonSchema(STRINGS)]


def items_of(value: Any) -> list[str] | list[list[int]]:
    """Return inputs of which some are objects with a `text`, as Jina's clients write them."""
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        value = [text_of(item) if isinstance(item, dict) else item for item in value]
    return inputs_of(value)


def text_of(item: dict[str, Any]) -> str:
    """Return an object's text."""
    text = item.get("text")
    if isinstance(text, str):
        return text
    if any(item.get(kind) is not None for kind in NOT_TEXT):
        raise PydanticCustomError("inputs", "holds an image, audio or file; this server embeds texts")
    raise PydanticCustomError("inputs", "holds an object without a string `text`")


NOT_TEXT = ("image", "image_url", "images", "audio", "video", "pdf", "url", "bytes")
ITEM = {"type": "object", "properties": {"text": STRING}, "required": ["text"]}

Items = Annotated[
    list[str] | list[list[int]],
    PlainValidator(items_of),
    schema(
        (
            STRING,
            {"type": "array", "items": {"anyOf": [STRING, ITEM]}, "minItems": 1},
            IDS,
            {"type": "array", "items": IDS, "minItems": 1},
        )
    ),
]
