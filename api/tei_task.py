"""What TEI's routes for a task have in common: count the inputs, ask the engine, write the answer.

The same parts serve the task's own route and those that find the task out: POST / and /vertex.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from vectord.core import Task
from vectord.scheduler import Answer, Engine

from .door import Door
from .encode import respond
from .labels import labels_of
from .offload import offload
from .operation import Operation
from .report import reported
from .tei import ERRORS, FAILING, MODEL_PARAMETER, TeiBody

Asked = TypeVar("Asked", bound=TeiBody)
Found = TypeVar("Found", bound=Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class TeiTask(Generic[Asked, Found]):
    """A task as TEI's clients ask for it.

    `count` returns how many inputs a body has and the field that they stand in; `ask` takes the name of the
    model; `size` is about that of the answer, in bytes, which `write` makes.
    """

    task: Task
    body: type[Asked]
    count: Callable[[Asked], tuple[int, str]]
    ask: Callable[[Engine, Asked, str], Awaitable[Found]]
    size: Callable[[Asked, Found], int]
    write: Callable[[Asked, Found], bytes]

    async def handle(self, door: Door, request: Request) -> Response:
        """Answer the task's own route."""
        return await self.answer(door, request, await door.parse(request, self.body))

    async def answer(self, door: Door, request: Request, asked: Asked) -> Response:
        """Answer a body."""
        labels_of(request.scope).task = self.task
        door.check_count(*self.count(asked))
        found = await door.ask(
            request, self.task, asked.model, lambda model: self.ask(door.engine, asked, model)
        )
        body = await self.written(asked, found)
        return respond(body, headers=reported(request.scope, found))

    async def written(self, asked: Asked, found: Found) -> bytes:
        """Return the answer's JSON."""
        return await offload(self.size(asked, found), self.write, asked, found)

    def operation(self, summary: str, answer: Any) -> Operation:
        """Return the task's own route, where `answer` is the type of what it answers."""
        return Operation(
            summary=summary,
            handler=self.handle,
            body=self.body,
            answer=answer,
            task=self.task,
            failing=FAILING,
            errors=ERRORS,
            parameters=(MODEL_PARAMETER,),
        )
