"""What every handler does around its own dialect: parse the body, ask the engine."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from starlette.requests import Request

from vectord.config import Settings
from vectord.core import Task
from vectord.errors import TooManyInputs
from vectord.scheduler import Answer, Engine, Served, on_terms

from .body import Content, Shape, loaded, parse, read
from .drain import Drain
from .fields import field
from .hangup import while_connected
from .labels import labels_of
from .metrics import Metrics
from .offload import offload
from .report import work as noted
from .terms import before_reading, terms_of

T = TypeVar("T")
A = TypeVar("A", bound=Answer)
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
        return await self.parse_by(request, lambda data: parse(data, shape))

    async def parse_by(self, request: Request, parser: Callable[[bytes], T]) -> T:
        """Read the body within the limits and return what the parser makes of it.

        A server that is full says so before it reads.
        """
        self.engine.check_room(before_reading(request))
        data = await read(request, limit=self.settings.payload_limit, seconds=self.settings.read_seconds)
        return await offload(len(data), parser, data)

    async def content(self, request: Request) -> Content:
        """Read the body within the limits and return its JSON, where it has more than one shape."""
        return await self.parse_by(request, lambda data: Content(loaded(data), len(data)))

    def check_count(self, count: int, field: str) -> None:
        """Refuse more inputs than one request may have."""
        most = self.settings.max_client_batch_size
        if count > most:
            message = f"`{field}` holds {count} items; this server takes at most {most} in one request."
            raise TooManyInputs(message, param=field)

    async def ask(
        self, request: Request, task: Task, model: str | None, work: Callable[[str], Awaitable[A]]
    ) -> A:
        """Find the model, then do the work with its name, for as long as the client waits.

        The answer carries the name that the request used: some clients compare.
        """
        named = self.model_named(request, model)
        served = self.engine.find(named, task)
        found = await self.work(request, [served], partial(work, served.name))
        return found if named in (None, found.model) else replace(found, model=named)

    async def ask_any(self, request: Request, model: str | None, work: Callable[[str], Awaitable[T]]) -> T:
        """Do what any model can with the one that is named, or with the first."""
        served = self.engine.named(self.model_named(request, model))
        return await self.work(request, [served], partial(work, served.name))

    async def work(self, request: Request, models: Sequence[Served], work: Callable[[], Awaitable[T]]) -> T:
        """Do work of these models within the limits, for as long as the client waits."""
        for served in models[:1]:
            labels_of(request.scope).model = served.name
        devices = [served.bid.device for served in models]
        terms = terms_of(request)
        with self.engine.admit(terms), noted(request.scope, devices), on_terms(terms):
            self._accept(request)
            return await while_connected(request, work)

    def _accept(self, request: Request) -> None:
        """Count a request that was admitted, once; what becomes of it is counted at its end."""
        labels = labels_of(request.scope)
        if not labels.accepted:
            labels.accepted = True
            self.metrics.accounts.accept(labels.model)

    def model_named(self, request: Request, model: str | None) -> str | None:
        """Return the model that a body names, or else the header."""
        named = model or field(request.scope, MODEL_HEADER.encode())
        return None if named in ("", UNSPECIFIED) else named
