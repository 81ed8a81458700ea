"""Where a request's time goes, noted as it passes: whoever wants to know opens `measured`."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Phases:
    """Seconds of tokenising, of waiting for a batch, and from the first batch to the last answer.

    `characters` and `tokens` count what was tokenised and what the model ran.
    """

    tokenise: float = 0.0
    queue: float = 0.0
    run: float = 0.0
    characters: int = 0
    tokens: int = 0


_current: ContextVar[Phases | None] = ContextVar("phases", default=None)


@contextmanager
def measured() -> Iterator[Phases]:
    """Note the phases of the work inside; tasks that it starts count too."""
    phases = Phases()
    token = _current.set(phases)
    try:
        yield phases
    finally:
        _current.reset(token)


def current() -> Phases:
    """Return where to note; what nobody asked for is noted in vain."""
    return _current.get() or Phases()


def note_together(parts: Sequence[Phases]) -> None:
    """Note work that was done at the same time: the times of what took longest, and all that was counted."""
    phases = current()
    longest = max(parts, key=lambda one: one.tokenise + one.queue + one.run, default=Phases())
    phases.tokenise += longest.tokenise
    phases.queue += longest.queue
    phases.run += longest.run
    phases.characters += sum(one.characters for one in parts)
    phases.tokens += sum(one.tokens for one in parts)


@contextmanager
def tokenising(characters: int) -> Iterator[None]:
    """Note the time inside as tokenising."""
    phases, start = current(), time.perf_counter()
    try:
        yield
    finally:
        phases.tokenise += time.perf_counter() - start
        phases.characters += characters
