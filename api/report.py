"""What an answer's headers say of the work behind it, on every route that runs a model."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.types import Scope

from vectord.scheduler import Answer, Phases, measured

SCOPE_KEY = "vectord.work"


@dataclass(frozen=True, slots=True)
class Work:
    """A request's work: when it began, its phases, and whether a GPU does it."""

    phases: Phases = field(default_factory=Phases)
    on_gpu: bool = False
    began: float = field(default_factory=time.perf_counter)


@contextmanager
def work(scope: Scope, devices: Iterable[str] = ()) -> Iterator[None]:
    """Note the phases of a request's work, on these devices, for its answer's headers."""
    with measured() as phases:
        scope[SCOPE_KEY] = Work(phases, any(not device.startswith("cpu") for device in devices))
        yield


def reported(scope: Scope, *found: Answer) -> dict[str, str]:
    """Return TEI's headers, times in whole milliseconds, and how many inputs were cut if any was."""
    done: Work = scope.get(SCOPE_KEY) or Work()
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
