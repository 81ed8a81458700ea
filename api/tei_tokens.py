"""TEI's POST /tokenize and /decode: what a model's tokenizer makes of texts, and texts of ids."""

from typing import Annotated, Any

import orjson
from pydantic import PlainValidator
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response

from vectord.core import SimpleToken
from vectord.scheduler import Prompt

from .door import Door
from .encode import encode, respond
from .explain import EMPTY
from .inputs import IDS, STRING, STRINGS, inputs_of, schema
from .offload import offload
from .operation import Operation
from .tei import ERRORS, FAILING, MODEL_PARAMETER, TeiBody

TOKEN_BYTES = 80  # about what a token takes in an answer


def texts_of(value: Any) -> list[str]:
    """Return one text or many."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
        raise PydanticCustomError("texts", "must be a string or a list of strings")
    if not texts:
        raise PydanticCustomError(EMPTY, "must not be an empty list")
    return texts


def rows_of(value: Any) -> list[list[int]]:
    """Return one row of ids or many."""
    if not is_row(value) and not (isinstance(value, list) and all(map(is_row, value))):
        raise PydanticCustomError("ids", "must be a list of token ids or a list of such lists")
    return [one for one in inputs_of(value) if not isinstance(one, str)]


def is_row(value: Any) -> bool:
    """Whether this is a list of whole numbers; a bool is none here."""
    return isinstance(value, list) and all(type(one) is int for one in value)


class TokenizeRequest(TeiBody):
    """What to tokenise; nothing is cut."""

    inputs: Annotated[
        list[str],
        PlainValidator(texts_of),
        schema((STRING, STRINGS)),
    ]
    add_special_tokens: bool | None = None
    prompt_name: str | None = None


class DecodeRequest(TeiBody):
    """What to make text of."""

    ids: Annotated[
        list[list[int]],
        PlainValidator(rows_of),
        schema((IDS, {"type": "array", "items": IDS, "minItems": 1})),
    ]
    skip_special_tokens: bool | None = None


async def tokenize(door: Door, request: Request) -> Response:
    """Answer POST /tokenize."""
    asked = await door.parse(request, TokenizeRequest)
    door.check_count(len(asked.inputs), "inputs")
    found = await door.ask_any(
        request,
        asked.model,
        lambda model: door.engine.tokenize(
            asked.inputs,
            model=model,
            special_tokens=asked.add_special_tokens is not False,
            prompt=Prompt(name=asked.prompt_name),
        ),
    )
    return respond(await offload(sum(map(len, found)) * TOKEN_BYTES, written, found))


def written(found: list[list[SimpleToken]]) -> bytes:
    """Return the answer's JSON, a list of tokens for each text; they are taken out of `found`.

    To free a hundred thousand of them at once, as the request ends, would hold up the event loop.
    """
    parts = []
    for index, tokens in enumerate(found):
        parts.append(orjson.Fragment(encode(tokens)))
        found[index] = []
    return encode(parts)


async def decode(door: Door, request: Request) -> Response:
    """Answer POST /decode."""
    asked = await door.parse(request, DecodeRequest)
    door.check_count(len(asked.ids), "ids")
    found = await door.ask_any(
        request,
        asked.model,
        lambda model: door.engine.decode(
            asked.ids, model=model, skip_special_tokens=asked.skip_special_tokens is not False
        ),
    )
    return respond(await offload(sum(map(len, found)), encode, found))


TOKENIZE = Operation(
    summary="A model's tokens of texts, and the bytes that each stands for.",
    handler=tokenize,
    body=TokenizeRequest,
    answer=list[list[SimpleToken]],
    failing=FAILING,
    errors=ERRORS,
    parameters=(MODEL_PARAMETER,),
)
DECODE = Operation(
    summary="The texts of token ids.",
    handler=decode,
    body=DecodeRequest,
    answer=list[str],
    failing=FAILING,
    errors=ERRORS,
    parameters=(MODEL_PARAMETER,),
)
