"""What an answer's headers say of the work behind it, on every route that runs a model."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.types import Scope

from vectord.scheduler import Answer, Phases, measured

SCOPE_KEY = "vectord.work"
TRACED = "vectord.traced"  # there, where somebody asks when each phase began and ended


@dataclass(slots=True)
class Work:
    """A request's work: when it began, its phases, and whether a GPU does it.

    It was `done` when the answer was known, and `written` when the answer's bytes were.
    """

    phases: Phases = field(default_factory=Phases)
    on_gpu: bool = False
    began: float = field(default_factory=time.perf_counter)
    done: float | None = None
    written: float | None = None

    @property
    def encode(self) -> float:
        """Seconds of writing the answer, 0 where there is none."""
        return 0.0 if self.done is None or self.written is None else self.written - self.done


@contextmanager
def work(scope: Scope, devices: Iterable[str] = ()) -> Iterator[None]:
    """Note the phases of a request's work, on these devices, for its answer's headers."""
    with measured(intervals=TRACED in scope) as phases:
        on_gpu = any(not device.startswith("cpu") for device in devices)
        noted = scope[SCOPE_KEY] = Work(phases, on_gpu)
        yield
        noted.done = time.perf_counter()


def work_of(scope: Scope) -> Work | None:
    """Return a request's work, None where none was begun."""
    found: Work | None = scope.get(SCOPE_KEY)
    return found


def reported(scope: Scope, *found: Answer) -> dict[str, str]:
    """Return TEI's headers, times in whole milliseconds, and how many inputs were cut if any was."""
    done = work_of(scope) or Work()
    phases = done.phases
    truncated = sum(answer.truncated for answer in found)
    return {
        "x-compute-type": "gpu" if done.on_gpu else "cpu",
        "x-compute-time": milliseconds(phases.tokenise + phases.queue + phases.run),
        "x-compute-characters": str(phases.characters),
        "x-compute-tokens": str(phases.tokens),
        "x-total-time": milliseconds(time.perf_counter() - done.began),
        "x-tokenization-time": milliseconds(phases.tokenise),
        "x-queue-time": milliseconds(phases.queue),
        "x-inference-time": milliseconds(phases.run),
        **({"x-vectord-truncated": str(truncated)} if truncated else {}),
    }


def milliseconds(seconds: float) -> str:
    """Return a duration as TEI writes it."""
    return str(round(seconds * 1000))
