"""What an answer's headers say of the work behind it, on every route that runs a model."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import Scope

from vectord.scheduler import Answer, Phases, measured

SCOPE_KEY = "vectord.work"


@contextmanager
def work(scope: Scope) -> Iterator[None]:
    """Note the phases of a request's work for its answer's headers."""
    with measured() as phases:
        scope[SCOPE_KEY] = (time.perf_counter(), phases)
        yield


def reported(scope: Scope, *found: Answer) -> dict[str, str]:
    """Return TEI's headers, times in whole milliseconds, and how many inputs were cut if any was."""
    began, phases = scope.get(SCOPE_KEY, (time.perf_counter(), Phases()))
    truncated = sum(answer.truncated for answer in found)
    return {
        "x-compute-type": "cpu",
        "x-compute-time": milliseconds(phases.tokenise + phases.queue + phases.run),
        "x-compute-characters": str(phases.characters),
        "x-compute-tokens": str(phases.tokens),
        "x-total-time": milliseconds(time.perf_counter() - began),
        "x-tokenization-time": milliseconds(phases.tokenise),
        "x-queue-time": milliseconds(phases.queue),
        "x-inference-time": milliseconds(phases.run),
        **({"x-vectord-truncated": str(truncated)} if truncated else {}),
    }


def milliseconds(seconds: float) -> str:
    """Return a duration as TEI writes it."""
    return str(round(seconds * 1000))
