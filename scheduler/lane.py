"""The queue of one loaded model: jobs come in, batches go out; no timer anywhere.

An item's place is the lane's virtual time at its arrival plus the tokens of its own job before it.
Virtual time advances by the tokens taken, divided among the jobs that wait: it is where a fair share
would have got each of them (weighted fair queueing, Demers et al. 1989, a job being a flow). So
requests of 2,048 inputs spread over the queue and share the lane, a one-line query that comes later
goes to its front, and a stream of such queries cannot starve them, since virtual time goes on.
"""

from bisect import insort
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from threading import Condition

from vectord.core import Encoding, Output, padded_length
from vectord.errors import Overloaded, Unavailable

from .job import Item, Job
from .packer import PASS_LIMIT, WINDOW, pack, pass_over
from .pieces import Pieces

FIRST_GUESS = 1e-4  # seconds per token, until batches have been timed
LEARNING_RATE = 0.1


@dataclass(frozen=True, slots=True)
class Limits:
    """`batch_tokens`: most padded tokens in a batch; `waiting_tokens`: most that may wait.

    `pad_to`: the step in which the session pads lengths.
    """

    batch_tokens: int
    waiting_tokens: int
    pad_to: int = 1

    def padded(self, length: int) -> int:
        """Return what an input of this length counts in a batch."""
        return padded_length(length, self.pad_to)


class Lane:
    """Waiting items of one model in order of place, shared by the event loop and the runner threads."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._changed = Condition()
        self._items: list[Item] = []
        self._jobs: set[Job] = set()
        self._time = 0.0
        self._tokens = 0
        self._closed = False
        self._seconds_per_token = FIRST_GUESS

    def submit(
        self, encodings: Sequence[Encoding], outputs: frozenset[Output], *, alone: bool = False
    ) -> Job:
        """Queue one request. Raises `Overloaded` when too much waits already; an idle lane takes any."""
        job = Job(encodings, outputs, alone)
        tokens = sum(map(len, encodings))
        with self._changed:
            self._refuse(tokens)
            self._jobs.add(job)
            self._enqueue(job)
            self._tokens += tokens
            self._changed.notify()
        job.future.add_done_callback(lambda _: self._forget(job))
        return job

    def wait(self) -> bool:
        """Block until something waits; False when the lane is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed)
            return not self._closed

    def take(self) -> list[Item]:
        """Return the items that run next; none where another runner was quicker."""
        with self._changed:
            seen = self._items[:WINDOW]
            if not seen:
                return []
            passed = [item.passed for item in seen]
            chosen = pack([self._room(item) for item in seen], passed, self.limits.batch_tokens)
            pass_over(passed, chosen)
            for item, times in zip(seen, passed, strict=True):
                item.passed = times
            return self._remove(chosen)

    def settle(self, items: Sequence[Item], found: Sequence[Pieces]) -> None:
        """Hand each item its pieces."""
        with self._changed:
            done = [
                item.job
                for item, pieces in zip(items, found, strict=True)
                if item.job.settle(item.index, pieces)
            ]
        for job in done:
            job.resolve()

    def learn(self, tokens: int, seconds: float) -> None:
        """Take note of how long a batch took."""
        self._seconds_per_token += LEARNING_RATE * (seconds / tokens - self._seconds_per_token)

    def close(self) -> None:
        """Stop the runners and fail what waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.fail(Unavailable("the server is shutting down"))

    def fail(self, error: Exception, jobs: Collection[Job] | None = None) -> None:
        """Fail these requests; None: all that there are."""
        with self._changed:
            failing = list(self._jobs if jobs is None else jobs)
        for job in failing:
            job.fail(error)

    @property
    def waiting(self) -> int:
        """Requests of which nothing has run."""
        return sum(not job.begun for job in tuple(self._jobs))

    @property
    def running(self) -> int:
        """Requests of which something has run or is running."""
        return sum(job.begun for job in tuple(self._jobs))

    @property
    def wait_seconds(self) -> float:
        """How long what waits now is likely to take."""
        return self._tokens * self._seconds_per_token

    def _room(self, item: Item) -> int:
        """Return what an item takes of a batch, in tokens: all of it where it runs alone."""
        padded = self.limits.padded(len(item.encoding))
        return max(padded, self.limits.batch_tokens) if item.job.alone else padded

    def _refuse(self, tokens: int) -> None:
        if self._closed:
            raise Unavailable("the server is shutting down")
        if self._tokens and self._tokens + tokens > self.limits.waiting_tokens:
            raise Overloaded(
                "too much work is waiting for this model; try again later", retry_after=self.wait_seconds
            )

    def _enqueue(self, job: Job) -> None:
        place = self._front()
        for index, encoding in enumerate(job.encodings):
            insort(self._items, Item(job, index, encoding, place), key=attrgetter("place"))
            place += len(encoding)

    def _front(self) -> float:
        """Return the place of a job that comes now: beside the most urgent item that waits.

        Batches take like lengths out of order, so that item lags behind virtual time; only so far as a
        bounded number of batches explains, though, or a stream of newcomers would hold it back.
        """
        if not self._items:
            return self._time
        lag = PASS_LIMIT * self.limits.batch_tokens
        return min(self._time, max(self._items[0].place, self._time - lag))

    def _remove(self, chosen: Sequence[int]) -> list[Item]:
        taken = [self._items[index] for index in chosen]
        for index in reversed(chosen):
            del self._items[index]
        tokens = sum(len(item.encoding) for item in taken)
        self._tokens -= tokens
        self._time += tokens / sum(job.waiting > 0 for job in self._jobs)
        for item in taken:
            item.job.take()
        return taken

    def _forget(self, job: Job) -> None:
        """Drop an answered, failed or cancelled request and whatever of it still waits."""
        with self._changed:
            self._jobs.discard(job)
            if job.remaining:
                self._items = [item for item in self._items if item.job is not job]
                self._tokens = sum(len(item.encoding) for item in self._items)
