"""TEI's POST / and POST /invocations: whatever the body or else the model is for."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from .body import fitted, loaded
from .door import Door
from .operation import Operation
from .tei import ERRORS, FAILING, MODEL_PARAMETER, TeiBody
from .tei_choice import AnyTask, chosen
from .tei_choice import Request as AnyBody


async def alias(door: Door, request: Request) -> Response:
    """Answer POST / and POST /invocations."""
    named = door.model_named(request, None)
    task, asked = await door.parse_by(request, lambda data: understood(door, data, named))
    return await task.answer(door, request, asked)


def understood(door: Door, data: bytes, model: str | None) -> tuple[AnyTask, TeiBody]:
    """Return the task that a body is for, and the body in that task's shape."""
    content: Any = loaded(data)
    task = chosen(door, content, model)
    return task, fitted(content, task.body)


ALIAS = Operation(
    summary="What TEI's route for the model's task does, or /rerank or /similarity where the body is theirs.",
    handler=alias,
    body=AnyBody,
    answer=Any,
    failing=FAILING,
    errors=ERRORS,
    parameters=(MODEL_PARAMETER,),
)
