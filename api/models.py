"""GET /v1/models: OpenAI's fields, and ours under `vectord`; GET /models: infinity's beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from vectord.errors import UnknownModel
from vectord.scheduler import Served

from .door import Door
from .encode import respond
from .operation import Operation


@dataclass(frozen=True, slots=True)
class Details:
    """How a model is served; `dimensions` is the vectors' size, null for models that make none.

    `replicas` are the sessions that run it.

    `int8_scale` is the step of unit vectors in 8 bits, null before a request has asked for them.
    """

    backend: str
    dtype: str
    replicas: int
    tasks: tuple[str, ...]
    max_length: int
    dimensions: int | None
    fingerprint: str
    revision: str | None
    prompts: tuple[str, ...]
    int8_scale: float | None


@dataclass(frozen=True, slots=True)
class Model:
    """One name that requests may use."""

    id: str
    created: int
    vectord: Details
    object: str = "model"
    owned_by: str = "vectord"


@dataclass(frozen=True, slots=True)
class ModelList:
    """All names, in the order of the command line; aliases follow their model."""

    data: list[Model]
    object: str = "list"


@dataclass(frozen=True, slots=True)
class Stats:
    """How busy a model is, in infinity's words."""

    queue_fraction: Annotated[float, Field(description="The share of --max-waiting-tokens that waits.")]
    queue_absolute: Annotated[int, Field(description="Inputs that wait.")]
    results_pending: Annotated[int, Field(description="Inputs that have no answer yet.")]
    batch_size: Annotated[int, Field(description="The most inputs in a batch, of the shortest ones.")]


@dataclass(frozen=True, slots=True)
class BusyModel(Model):
    """One name with its model's load. infinity's client takes no other owner than infinity."""

    owned_by: str = "infinity"
    stats: Stats = field(kw_only=True)
    backend: str = field(kw_only=True)
    capabilities: tuple[str, ...] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class BusyModelList:
    """All names, as on /v1/models."""

    data: list[BusyModel]
    object: str = "list"


def details(served: Served) -> Details:
    """Return what there is to say of one served model."""
    card = served.card
    return Details(
        backend=served.backend,
        dtype=served.bid.dtype,
        replicas=served.replicas,
        tasks=card.tasks,
        max_length=card.max_length,
        dimensions=card.width if "embed" in card.tasks else None,
        fingerprint=card.fingerprint,
        revision=card.revision,
        prompts=tuple(card.prompts),
        int8_scale=served.int8_scale,
    )


def models(door: Door) -> Iterator[Model]:
    """Yield an entry for each name and alias."""
    for served in door.engine.served:
        for name in (served.name, *served.aliases):
            yield Model(name, served.created, details(served))


def stats(served: Served) -> Stats:
    """Return how busy a model is."""
    load = served.lane.load
    return Stats(load.share, load.waiting, load.pending, served.lane.limits.batch_inputs)


def busy_models(door: Door) -> Iterator[BusyModel]:
    """Yield an entry for each name and alias, with the load."""
    for served in door.engine.served:
        for name in (served.name, *served.aliases):
            yield BusyModel(
                name,
                served.created,
                details(served),
                stats=stats(served),
                backend=served.backend,
                capabilities=served.card.tasks,
            )


async def list_busy_models(door: Door, request: Request) -> Response:
    """Answer GET /models."""
    return respond(BusyModelList(list(busy_models(door))))


async def list_models(door: Door, request: Request) -> Response:
    """Answer GET /v1/models."""
    return respond(ModelList(list(models(door))))


async def get_model(door: Door, request: Request) -> Response:
    """Answer GET /v1/models/{id}."""
    name = request.path_params["id"]
    served = door.engine.named(name)
    return respond(Model(name, served.created, details(served)))


LIST = Operation(summary="List the served models.", handler=list_models, answer=ModelList)
LIST_BUSY = Operation(
    summary="List the served models and how busy they are.", handler=list_busy_models, answer=BusyModelList
)
GET = Operation(summary="Describe one model.", handler=get_model, answer=Model, errors=(UnknownModel,))
