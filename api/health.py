"""Probes: /livez (the process turns), /readyz (send me requests), /health (the models work)."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from .door import Door
from .encode import respond
from .failures import come_back
from .operation import Operation


@dataclass(frozen=True, slots=True)
class Alive:
    """The event loop turns, and the runtimes have not hung again and again."""

    status: Literal["alive", "hung"] = "alive"


@dataclass(frozen=True, slots=True)
class ModelHealth:
    """One model: whether its runners are alive, and its requests' inputs that wait and run."""

    id: str
    ready: bool
    waiting: int
    running: int


@dataclass(frozen=True, slots=True)
class Health:
    """Whether requests should be sent here."""

    status: Literal["ready", "draining", "unhealthy"]
    models: list[ModelHealth]


async def livez(door: Door, request: Request) -> Response:
    """Answer GET /livez: 503 when only a new process can help."""
    if door.engine.beyond_repair:
        return respond(Alive("hung"), status=HTTPStatus.SERVICE_UNAVAILABLE)
    return respond(Alive())


async def readyz(door: Door, request: Request) -> Response:
    """Answer GET /readyz: 503 while leaving, or when all of a model's runners are dead."""
    return told(door, draining=door.drain.draining)


async def health(door: Door, request: Request) -> Response:
    """Answer GET /health: 503 when all of a model's runners are dead."""
    return told(door, draining=False)


def told(door: Door, *, draining: bool) -> Response:
    """Return the state of the process and of each model."""
    models = [ModelHealth(one.name, one.ready, one.waiting, one.running) for one in door.engine.served]
    if draining:
        return unavailable(Health("draining", models))
    if not door.engine.ready:
        return unavailable(Health("unhealthy", models))
    return respond(Health("ready", models))


def unavailable(content: Health) -> Response:
    """Return 503."""
    return respond(content, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=come_back(1.0))


LIVEZ = Operation(
    summary="Whether the process turns; 503 if only a new one can help.",
    handler=livez,
    answer=Alive,
    needs_key=False,
)
READYZ = Operation(
    summary="Whether to send requests here; 503 while starting, leaving or broken.",
    handler=readyz,
    answer=Health,
    unready=Health,
    needs_key=False,
)
HEALTH = Operation(
    summary="Whether the models work; 503 if not.",
    handler=health,
    answer=Health,
    unready=Health,
    needs_key=False,
)
