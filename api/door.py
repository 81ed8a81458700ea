"""What every handler does around its own dialect: parse the body, ask the engine."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from starlette.requests import Request

from vectord.config import Settings
from vectord.core import Task
from vectord.errors import TooManyInputs
from vectord.scheduler import Engine

from .body import Content, Shape, decoded, parse, read
from .drain import Drain
from .hangup import while_connected
from .labels import labels_of
from .metrics import Metrics
from .offload import offload
from .report import work as noted

T = TypeVar("T")
UNSPECIFIED = "default/not-specified"  # what infinity's client sends for no model
MODEL_HEADER = "x-vectord-model"


@dataclass(frozen=True, slots=True)
class Door:
    """What handlers need of the process."""

    engine: Engine
    settings: Settings
    metrics: Metrics
    drain: Drain

    async def parse(self, request: Request, shape: type[Shape]) -> Shape:
        """Read the body within the limits and return it in its shape."""
        data = await read(request, limit=self.settings.payload_limit, seconds=self.settings.read_seconds)
        return await offload(len(data), parse, data, shape)

    async def content(self, request: Request) -> Content:
        """Read the body within the limits and return its JSON, where it has more than one shape."""
        data = await read(request, limit=self.settings.payload_limit, seconds=self.settings.read_seconds)
        return Content(await offload(len(data), decoded, data), len(data))

    def check_count(self, count: int, field: str) -> None:
        """Refuse more inputs than one request may have."""
        most = self.settings.max_client_batch_size
        if count > most:
            message = f"`{field}` holds {count} items; this server takes at most {most} in one request."
            raise TooManyInputs(message, param=field)

    def named(self, request: Request, model: str | None) -> str | None:
        """Return the name of the model that a request means, None if it names none."""
        named = model or request.headers.get(MODEL_HEADER)
        return None if named == UNSPECIFIED else named

    async def ask(
        self, request: Request, task: Task, model: str | None, work: Callable[[str], Awaitable[T]]
    ) -> T:
        """Find the model, then do the work with its name, for as long as the client waits.

        A request that names no model in its body may do so in a header.
        """
        served = self.engine.find(self.named(request, model), task)
        labels_of(request.scope).model = served.name
        with self.engine.admit(), noted(request.scope):
            return await while_connected(request.receive, partial(work, served.name))
