"""Where a request's time goes, noted as it passes: whoever wants to know opens `measured`."""

import time
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

Phase = Literal["tokenise", "queue", "run", "encode"]
# A phase's begin and end, of `time.perf_counter`.
Interval = tuple[Phase, float, float]


@dataclass(slots=True)
class Phases:
    """Seconds of tokenising, of waiting for a batch, and from the first batch to the last answer.

    `characters` and `tokens` count what was tokenised and what the model ran, `inputs` how many of them.
    `intervals` holds when each phase began and ended, for whoever asked for it; None: nobody did.
    """

    tokenise: float = 0.0
    queue: float = 0.0
    run: float = 0.0
    characters: int = 0
    tokens: int = 0
    inputs: int = 0
    intervals: list[Interval] | None = None

    def tokenised(self, start: float, end: float, characters: int) -> None:
        """Note texts that were tokenised from `start` to `end`."""
        self.tokenise += end - start
        self.characters += characters
        if self.intervals is not None:
            self.intervals.append(("tokenise", start, end))

    def ran(self, queued: float, begun: float, end: float) -> None:
        """Note inputs that waited from `queued` to `begun`, when the first ran, and ran until `end`."""
        self.queue += begun - queued
        self.run += end - begun
        if self.intervals is not None:
            self.intervals += (("queue", queued, begun), ("run", begun, end))


_current: ContextVar[Phases | None] = ContextVar("phases", default=None)


class measured:
    """Note the phases of the work inside; tasks that it starts count too.

    Its intervals are also those of the work around it, which may have asked for them.
    """

    __slots__ = ("_intervals", "_token")

    def __init__(self, *, intervals: bool = False) -> None:
        self._intervals = intervals

    def __enter__(self) -> Phases:
        phases = Phases(intervals=[] if self._intervals else current().intervals)
        self._token = _current.set(phases)
        return phases

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


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
    phases.inputs += sum(one.inputs for one in parts)


class tokenising:
    """Note the time inside as tokenising."""

    __slots__ = ("_characters", "_start")

    def __init__(self, characters: int) -> None:
        self._characters = characters

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        current().tokenised(self._start, time.perf_counter(), self._characters)
