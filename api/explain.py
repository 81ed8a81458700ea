"""Failed validation as one readable line that names the field and never quotes the input."""

from pydantic import ValidationError

from vectord.errors import EmptyInput, InvalidRequest

EMPTY = "empty"  # the type of our own validators' errors where there is nothing to work on
PYDANTIC_SAYS = "Input should be "
# Pydantic's own words for these would puzzle a client.
PLAIN = {
    "missing": "is required",
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "model_type": "must be an object",
}


def explain(error: ValidationError, *within: int | str) -> InvalidRequest:
    """Return the first fault as the error that the client sees; `within` is where in the body it was."""
    fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
    loc = (*within, *fault["loc"])
    if not fault["loc"]:
        what = f"`{path(loc)}`" if loc else "The body"
        return InvalidRequest(f"{what} must be a JSON object.", param=path(loc) if loc else None)
    field = path(loc)
    wrong = EmptyInput if fault["type"] == EMPTY else InvalidRequest
    return wrong(f"`{field}` {complaint(fault['type'], fault['msg'])}.", param=field)


def path(loc: tuple[int | str, ...]) -> str:
    """Return where the fault lies, as `documents[3].text`."""
    first, *rest = loc
    return str(first) + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in rest)


def complaint(kind: str, message: str) -> str:
    """Return what is wrong with the field."""
    return PLAIN.get(kind, message.replace(PYDANTIC_SAYS, "must be "))
