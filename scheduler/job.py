"""One client request in a lane (`Job`) and one of its inputs (`Item`)."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from vectord.core import Encoding

Rows = NDArray[np.float32]


@dataclass(slots=True, eq=False)
class Job:
    """A request's inputs and the future that resolves to their rows, in the asked order.

    `waiting` items have not been taken, `remaining` ones have no row yet. Cancelling the future takes
    the items that have not run out of the lane.
    """

    encodings: Sequence[Encoding]
    future: Future[Rows] = field(default_factory=Future)
    begun: bool = False
    waiting: int = 0
    remaining: int = 0
    rows: Rows | None = None
    lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.waiting = self.remaining = len(self.encodings)

    def settle(self, index: int, row: Rows) -> bool:
        """Take one item's row; return whether it was the last. The lane's lock is held."""
        if self.rows is None:
            self.rows = np.empty((len(self.encodings), *row.shape), np.float32)
        self.rows[index] = row
        self.remaining -= 1
        return self.remaining == 0

    def resolve(self) -> None:
        """Wake whoever waits for the rows."""
        if self.rows is not None and self._claim():
            self.future.set_result(self.rows)

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
