"""One client request in a lane (`Job`) and one of its inputs (`Item`)."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock

from vectord.core import Encoding, Output

from .pieces import Pieces


@dataclass(slots=True, eq=False)
class Job:
    """A request's inputs, what it asks of them, and the future of their pieces in the asked order.

    `waiting` items have not been taken, `remaining` ones have no answer yet. Cancelling the future
    takes the items that have not run out of the lane. `alone`: each item runs in a batch of its own, so
    that its bits do not depend on what else is asked. `queued` is the time from `created` until its first
    items were taken, in seconds.
    """

    encodings: Sequence[Encoding]
    outputs: frozenset[Output]
    alone: bool = False
    future: Future[list[Pieces]] = field(default_factory=Future)
    begun: bool = False
    created: float = field(default_factory=time.perf_counter)
    queued: float = 0.0
    waiting: int = 0
    remaining: int = 0
    pieces: list[Pieces] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.waiting = self.remaining = len(self.encodings)
        self.pieces = [{}] * self.waiting

    def take(self) -> None:
        """Note that one of the items has been taken. The lane's lock is held."""
        if not self.begun:
            self.queued = time.perf_counter() - self.created
        self.begun = True
        self.waiting -= 1

    def settle(self, index: int, pieces: Pieces) -> bool:
        """Take one item's pieces; return whether it was the last. The lane's lock is held."""
        self.pieces[index] = pieces
        self.remaining -= 1
        return self.remaining == 0

    def resolve(self) -> None:
        """Wake whoever waits for the pieces."""
        if self._claim():
            self.future.set_result(self.pieces)

    def fail(self, error: Exception) -> None:
        """Fail the whole request."""
        if self._claim():
            self.future.set_exception(error)

    def _claim(self) -> bool:
        """Whether the outcome is this caller's to set: runners may fail inputs of one job at once."""
        if not self.lock.acquire(blocking=False):  # never released: the first to come has it
            return False
        return self.future.set_running_or_notify_cancel()


@dataclass(slots=True, eq=False)
class Item:
    """One input that waits.

    `place` is its rank in the queue, smaller runs sooner; `passed` counts the batches that took an
    item behind it and left it.
    """

    job: Job
    index: int
    encoding: Encoding
    place: float
    passed: int = 0
