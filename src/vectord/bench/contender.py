"""Who is measured: a server by its address, started here or elsewhere, driven by a client process."""

import base64
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from ..errors import StartError
from .load import Schedule
from .process import Process
from .target import Target
from .workload import Call, Workload

CHECKED = 64  # requests of a round whose first vector is compared
WARMING = 64  # texts that warm a server up, if they are so many
CLIENT = (sys.executable, "-m", "vectord.bench.client")
PROBE = Call(("a first text", "a second text"), "a query")


@dataclass(frozen=True, slots=True)
class Work:
    """The calls of one workload on so many connections; none is begun after `seconds`."""

    workload: Workload
    calls: Sequence[Call]
    connections: int
    seconds: float | None = None

    @property
    def told(self) -> str:
        """What it is called on the screen."""
        return f"{self.workload.name}, {self.connections} connection{'s' * (self.connections > 1)}"

    @property
    def schedule(self) -> Schedule:
        """When its requests leave."""
        return Schedule(self.connections, self.workload.burst, self.workload.period, self.seconds)

    @property
    def checked(self) -> list[int]:
        """Numbers of requests, evenly spread, whose vectors are compared."""
        embedded = [number for number, call in enumerate(self.calls) if call.query is None]
        return embedded[:: max(1, len(embedded) // CHECKED)][:CHECKED]

    def beginning(self) -> "Work":
        """Return as much of it as warms a server up: a tenth, one request on each connection if small."""
        least = min(self.connections, max(1, WARMING // self.workload.inputs))
        calls = self.calls[: max(least, len(self.calls) // 10)]
        return Work(self.workload, calls, self.connections, self.seconds)


class Contender(Protocol):
    """Something that works through the calls of a round."""

    @property
    def name(self) -> str:
        """How it is called in the figures."""
        ...

    @property
    def process(self) -> Process | None:
        """Its process, where it was started here."""
        ...

    def lacks(self, workload: Workload) -> str | None:
        """Return why it cannot do a workload; None if it can."""
        ...

    def round(self, work: Work) -> dict[str, Any]:
        """Work through the calls and return the figures (see `client.told`)."""
        ...


@dataclass
class Driven:
    """A server over HTTP."""

    name: str
    target: Target
    process: Process | None = None
    _ranks: bool | None = None

    def lacks(self, workload: Workload) -> str | None:
        """Ask it to rank once, where the workload needs that."""
        if workload.pairs and self._ranks is None:
            self._ranks = not self._ask([PROBE], Schedule(1, limit=60), [])["failed"]
        return None if self._ranks or not workload.pairs else "it answers no rerank request"

    def round(self, work: Work) -> dict[str, Any]:
        """Drive it from a process of its own. Raises `StartError` if it cannot be driven at all."""
        busy = self.process.cpu_seconds() if self.process else None
        done = self._ask(work.calls, work.schedule, work.checked)
        after = self.process.cpu_seconds() if self.process else None
        return done if busy is None or after is None else done | {"server_cpu": after - busy}

    def _ask(self, calls: Sequence[Call], schedule: Schedule, keep: list[int]) -> dict[str, Any]:
        order = {
            "target": asdict(self.target),
            "calls": [(call.texts, call.query) for call in calls],
            "schedule": asdict(schedule),
            "keep": keep,
        }
        done = subprocess.run(CLIENT, input=json.dumps(order), capture_output=True, text=True)
        try:
            answer: dict[str, Any] = json.loads(done.stdout)
        except ValueError:
            line = (done.stderr.strip().splitlines() or ["no word"])[-1]
            raise StartError(f"{self.name}: the load client ended with {line}") from None
        if "error" in answer:
            raise StartError(f"{self.name}: {answer['error']}")
        return answer | {"vectors": vectors(answer["vectors"])}


def vectors(encoded: Mapping[str, str]) -> dict[str, Any]:
    """Return vectors by the number of their request."""
    import numpy as np

    return {number: np.frombuffer(base64.b64decode(one), "<f4") for number, one in encoded.items()}
