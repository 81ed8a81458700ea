"""TEI's POST /vertex: several bodies at once, in the envelope of Google's Vertex AI."""

import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import WithJsonSchema
from starlette.requests import Request
from starlette.responses import Response

from vectord.scheduler import Answer, Phases, Served, measured, note_together

from .body import Body, fitted, loaded
from .door import Door
from .encode import encode, respond
from .operation import Operation
from .report import reported
from .tei import ERRORS, FAILING, MODEL_PARAMETER, TeiBody
from .tei_choice import AnyTask, chosen
from .tei_choice import Request as AnyBody

T = TypeVar("T")


class VertexRequest(Body):
    """Bodies of other routes, which find their task out as on POST /; `model` is for those that name none."""

    instances: list[AnyBody]
    model: str | None = None


class Envelope(Body):
    """The request before its instances have shapes."""

    instances: list[Any]
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Predictions:
    """What each instance's own route would answer."""

    predictions: list[Annotated[Any, WithJsonSchema({})]]


@dataclass(frozen=True, slots=True)
class Instance:
    """A body, the task that it is for, and the model that does it."""

    task: AnyTask
    asked: TeiBody
    served: Served

    async def answered(self, door: Door) -> "Answered":
        """Ask the engine."""
        with measured() as phases:
            found = await self.task.ask(door.engine, self.asked, self.served.name)
        return Answered(found, await self.task.written(self.asked, found), phases)


@dataclass(frozen=True, slots=True)
class Answered:
    """What was found for an instance, its JSON, and where its time went."""

    found: Answer
    written: bytes
    phases: Phases


async def vertex(door: Door, request: Request) -> Response:
    """Answer POST /vertex: all instances run together, and the first failure is that of all."""
    named = door.model_named(request, None)
    instances = await door.parse_by(request, lambda data: understood(door, data, named))
    models = [one.served for one in instances]
    answers = await door.work(request, models, lambda: answered(door, instances))
    body = encode(Predictions([orjson.Fragment(one.written) for one in answers]))
    return respond(body, headers=reported(request.scope, *(one.found for one in answers)))


async def answered(door: Door, instances: Sequence[Instance]) -> list[Answered]:
    """Ask the engine for all instances together."""
    answers = await together([one.answered(door) for one in instances])
    note_together([one.phases for one in answers])
    return answers


def understood(door: Door, data: bytes, named: str | None) -> list[Instance]:
    """Return the instances in the shapes of their tasks. Raises `TooManyInputs` for those of all together."""
    envelope = fitted(loaded(data), Envelope)
    model = envelope.model or named
    door.check_count(len(envelope.instances), "instances")
    door.engine.named(model)  # even where no instance needs it, a wrong name is told
    instances = [instance(door, one, model, index) for index, one in enumerate(envelope.instances)]
    door.check_count(sum(one.task.count(one.asked)[0] for one in instances), "instances")
    return instances


def instance(door: Door, content: Any, model: str | None, index: int) -> Instance:
    """Return one instance."""
    task = chosen(door, content, model)
    asked = fitted(content, task.body, "instances", index)
    return Instance(task, asked, door.engine.find(asked.model or model, task.task))


async def together(works: Sequence[Coroutine[Any, Any, T]]) -> list[T]:
    """Return all results; the first failure cancels the rest."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in works]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


VERTEX = Operation(
    summary="Several bodies as POST / takes them, answered together.",
    handler=vertex,
    body=VertexRequest,
    answer=Predictions,
    failing=FAILING,
    errors=ERRORS,
    parameters=(MODEL_PARAMETER,),
)
