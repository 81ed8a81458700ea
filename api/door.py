"""What every handler does around its own dialect: parse the body, ask the engine."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from starlette.requests import Request

from vectord.config import Settings
from vectord.core import Task
from vectord.errors import TooManyInputs
from vectord.scheduler import Engine, on_terms

from .body import Shape, parse, read
from .deadline import terms_of
from .drain import Drain
from .hangup import while_connected
from .labels import labels_of
from .metrics import Metrics
from .offload import offload
from .report import work as noted

T = TypeVar("T")
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

    def check_count(self, count: int, field: str) -> None:
        """Refuse more inputs than one request may have."""
        most = self.settings.max_client_batch_size
        if count > most:
            message = f"`{field}` holds {count} items; this server takes at most {most} in one request."
            raise TooManyInputs(message, param=field)

    async def ask(
        self, request: Request, task: Task, model: str | None, work: Callable[[str], Awaitable[T]]
    ) -> T:
        """Find the model, then do the work with its name, for as long as the client waits.

        A request that names no model in its body may do so in a header.
        """
        served = self.engine.find(model or request.headers.get(MODEL_HEADER), task)
        labels_of(request.scope).model = served.name
        with self.engine.admit(), noted(request.scope), on_terms(terms_of(request.headers)):
            return await while_connected(request.receive, partial(work, served.name))
