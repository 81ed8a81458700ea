"""One client request in a lane (`Job`), and one input that waits for whoever asked for it (`Item`)."""

import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock

from vectord.core import Encoding, Output

from .pieces import Pieces
from .terms import PLAIN, Terms

Key = tuple[bytes, bytes, int, int, bool]


@dataclass(slots=True, eq=False, weakref_slot=True)
class Job:
    """A request's inputs, what it asks of them, and the future of their pieces in the asked order.

    `waiting` items have not been taken, `remaining` ones have no answer yet. Cancelling the future
    takes the items that have not run out of the lane. `alone`: each item runs in a batch of its own, so
    that its bits do not depend on what else is asked. `queued` is the time from `created` until its first
    items were taken, in seconds.
    """

    encodings: Sequence[Encoding]
    outputs: frozenset[Output]
    terms: Terms = PLAIN
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

    def take(self) -> bool:
        """Note that an item has been taken; return whether none waits now. The lane's lock is held."""
        if not self.begun:
            self.begun, self.queued = True, time.perf_counter() - self.created
        self.waiting -= 1
        return not self.waiting

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
    """One input that waits, for all jobs that ask for the same: `takers` are jobs and places in them.

    `padded` is what it takes of a batch, `place` its rank in the queue, smaller runs sooner; `overtaken`
    are the tokens of items behind it that ran before it. It has waited `since` then.
    """

    key: Key
    encoding: Encoding
    padded: int
    outputs: frozenset[Output]
    place: float
    takers: list[tuple[Job, int]]
    overtaken: int = 0
    since: float = field(default_factory=time.perf_counter)

    def fail(self, error: Exception) -> None:
        """Fail every request that waits for it."""
        for job, _ in self.takers:
            job.fail(error)

    def forget(self, job: Job) -> bool:
        """Strike a job off; return whether nobody is left."""
        self.takers = [taker for taker in self.takers if taker[0] is not job]
        return not self.takers


def key_of(encoding: Encoding, alone: bool = False) -> Key:
    """Return what two inputs have in common if and only if a model must answer both alike.

    What runs alone may differ in a last bit from what does not.
    """
    return encoding.token_ids.tobytes(), encoding.type_ids.tobytes(), encoding.unseen, encoding.adapter, alone
