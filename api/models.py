"""GET /v1/models: OpenAI's fields, and ours under `vectord`."""

from collections.abc import Iterator
from dataclasses import dataclass

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

    `int8_scale` is the step of unit vectors in 8 bits, null before a request has asked for them.
    """

    backend: str
    dtype: str
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


def details(served: Served) -> Details:
    """Return what there is to say of one served model."""
    card = served.card
    return Details(
        backend=served.backend,
        dtype=served.bid.dtype,
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


async def list_models(door: Door, request: Request) -> Response:
    """Answer GET /v1/models."""
    return respond(ModelList(list(models(door))))


async def get_model(door: Door, request: Request) -> Response:
    """Answer GET /v1/models/{id}."""
    name = request.path_params["id"]
    served = door.engine.named(name)
    return respond(Model(name, served.created, details(served)))


LIST = Operation(summary="List the served models.", handler=list_models, answer=ModelList)
GET = Operation(summary="Describe one model.", handler=get_model, answer=Model, errors=(UnknownModel,))
