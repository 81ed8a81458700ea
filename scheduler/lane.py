"""The queue of one loaded model: jobs come in, batches go out; no timer anywhere.

An item's place is the lane's virtual time at its arrival plus the tokens of its own job before it, turn
by turn (`places`). Virtual time advances by the tokens taken, divided among the jobs that wait: it is
where a fair share would have got each of them (weighted fair queueing, Demers et al. 1989, a job being a
flow). So requests of 2,048 inputs spread over the queue and share the lane, a one-line query that comes later
goes to its front, and a stream of such queries cannot starve them, since virtual time goes on.
"""

import time
from collections.abc import Collection, Sequence
from threading import Condition
from weakref import ref

from vectord.core import Batch, Encoding, Output
from vectord.errors import Overloaded, Unavailable

from .bound import Bound
from .budget import batch_tokens
from .chosen import chosen
from .cost import CostModel, Timed
from .entrance import Entrance
from .forecast import Forecast
from .job import Item, Job, Key, key_of
from .limits import Limits, Load
from .pace import TYPICAL_LENGTH, Pace
from .packer import OVERTAKEN
from .pieces import Pieces
from .places import put
from .queue import Queue
from .shares import Shares
from .terms import PLAIN, Terms

QUIET = 3  # requests that come one by one, after which the next is likely to do so too


class Lane:
    """Waiting items of one model in order of place, shared by the event loop and the runner threads."""

    def __init__(self, limits: Limits, timed: Sequence[Timed] = ()) -> None:
        self.limits = limits
        self.cost = CostModel(timed)
        self.shared = 0  # inputs that did not run, since the same one was waiting already
        self._changed = Condition()
        self._queue = Queue()
        self._jobs: set[Job] = set()
        self._quiet = 0  # requests in a row that came while there was no other
        self._shares = Shares()
        self._time = 0.0
        self._closed = ""  # why, once it is
        self._bound = Bound()
        self._pace = Pace(self.cost.seconds(1, TYPICAL_LENGTH) / TYPICAL_LENGTH)
        self.batch_tokens = self._budget()
        self._entrance = Entrance(limits.waiting_tokens)
        self._forecast = Forecast()

    def submit(
        self,
        encodings: Sequence[Encoding],
        outputs: frozenset[Output],
        terms: Terms = PLAIN,
        *,
        alone: bool = False,
    ) -> Job:
        """Queue one request. Raises `Overloaded` when too much waits already; an idle lane takes any.

        A request that is not likely to be answered by its deadline is refused too. `alone`: each of its
        inputs runs in a batch of its own.
        """
        job = Job(encodings, outputs, terms, alone)
        tokens = sum(map(len, encodings))
        with self._changed:
            if self._closed:
                raise Unavailable(self._closed)
            self._entrance.pass_in(self._queue.tokens, tokens, terms, self._pace.seconds)
            if terms.left is not None:
                self._refuse_late(encodings, terms.left)
            self._quiet = 0 if self._jobs else self._quiet + 1
            self._jobs.add(job)
            self._enqueue(job, self._shares.enter(job))
            self._changed.notify()
        alive = ref(job)  # a job has its future, and a future keeps its callbacks: they must not keep the job
        job.future.add_done_callback(lambda _: self._forget(alive()))
        return job

    def wait(self) -> bool:
        """Block until something waits; False when the lane is closed."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._queue) or self._closed)
            return not self._closed

    def take(self) -> list[Item]:
        """Return the items that run next; none where another runner was quicker."""
        with self._changed:
            waiting = self._queue.waiting()
            if not waiting:
                return []
            taken = self._remove(chosen(waiting, self._shares, self.batch_tokens, self.limits.padding))
            self._changed.notify(bool(self._queue))  # a request wakes one runner, which wakes the next
            return taken

    def settle(self, items: Sequence[Item], found: Sequence[Pieces]) -> None:
        """Hand each item its pieces."""
        with self._changed:
            done = [
                job
                for item, pieces in zip(items, found, strict=True)
                for job, index in item.takers
                if job.settle(index, pieces)
            ]
        for job in done:
            job.resolve()

    def learn(self, batch: Batch, seconds: float, runners: int) -> None:
        """Take note of how long a batch took, one of `runners` that may run at once."""
        size, longest = self.limits.size(batch), self.limits.padded(batch.longest)
        shape = size / longest, longest
        self.cost.learn(*shape, seconds)
        self._bound.fits(size)
        self.batch_tokens = self._budget()
        self._pace.learn(self.cost.seconds(*shape) / runners, batch.tokens, busy=bool(self._queue))

    def shrink(self, batch: Batch) -> int:
        """Take note that a batch did not fit in memory; return how many tokens those hold that come."""
        self._bound.shrink(self.limits.size(batch))
        self.batch_tokens = self._budget()
        return self.batch_tokens

    def close(self, why: str = "the server is shutting down") -> None:
        """Stop the runners, fail what waits, and refuse what comes, with this reason."""
        with self._changed:
            self._closed = why
            self._changed.notify_all()
        self.fail(Unavailable(why))

    def fail(self, error: Exception, jobs: Collection[Job] | None = None) -> None:
        """Fail these requests; None: all that there are."""
        with self._changed:
            failing = list(self._jobs if jobs is None else jobs)
        for job in failing:
            job.fail(error)

    @property
    def solitary(self) -> bool:
        """Whether nothing waits and requests have come one by one of late, so that no other is likely now."""
        return self._quiet >= QUIET and not self._queue

    @property
    def waiting(self) -> int:
        """Requests of which nothing has run."""
        return sum(not job.begun for job in tuple(self._jobs))

    @property
    def running(self) -> int:
        """Requests of which something has run or is running."""
        return sum(job.begun for job in tuple(self._jobs))

    @property
    def load(self) -> Load:
        """How much there is to do."""
        pending = sum(job.remaining for job in tuple(self._jobs))
        share = self._queue.tokens / max(1, self.limits.waiting_tokens)
        return Load(len(self._queue), pending, share)

    @property
    def oldest_seconds(self) -> float:
        """How long the input that waits longest has waited."""
        with self._changed:
            return self._queue.oldest_seconds

    @property
    def wait_seconds(self) -> float:
        """How long what waits now is likely to take."""
        return self._queue.tokens * self._pace.seconds

    def foreseen(self, terms: Terms) -> Overloaded | None:
        """Return the refusal of a request that is yet to be read, None if it may find room."""
        return self._entrance.foreseen(self._queue.tokens, terms, self._pace.seconds)

    def ends(self) -> list[float]:
        """Return the seconds after which the requests here are likely to be done, ascending."""
        with self._changed:
            front = self._queue.front
            now = self._time if front is None else front  # items lag behind virtual time
            batch = self.cost.seconds(1, self.batch_tokens)
            return self._forecast.seconds(now, self._queue.tokens, self._pace.seconds, batch)

    def _refuse_late(self, encodings: Sequence[Encoding], within: float) -> None:
        needed = self._seconds_for(encodings)
        if needed > within:
            raise Overloaded(
                "this request would not be answered in its time; try again later",
                retry_after=needed - within,
                reason="deadline",
            )

    def _budget(self) -> int:
        """Return the padded tokens that a batch may hold by now."""
        most = int(min(self.limits.batch_tokens, self._bound.tokens))
        return batch_tokens(self.cost.cost, most) if self.limits.by_cost else most

    def _seconds_for(self, encodings: Sequence[Encoding]) -> float:
        """Return how long a request would take that came now: its fair share of the lane, and a batch."""
        own = sum(map(len, encodings))
        before = min(self._queue.tokens, own * (len(self._shares) + 1) + self.batch_tokens)
        longest = max(self.limits.padded(len(encoding)) for encoding in encodings)
        alone = max(own * self._pace.seconds, self.cost.seconds(1, longest))
        return before * self._pace.seconds + alone

    def _enqueue(self, job: Job, pace: float) -> None:
        front, now, tokens = self._front(), time.perf_counter(), 0
        fresh, rooms = dict[Key, Item](), dict[int, int]()
        for index, encoding in enumerate(job.encodings):
            key = key_of(encoding, job.alone)
            if (own := fresh.get(key)) is not None:
                own.takers.append((job, index))
                self.shared += 1
            elif (waits := self._queue.find(key)) is not None:
                self._queue.share(waits, job, index, front + pace * tokens)
                self.shared += 1
            else:
                length = len(encoding.token_ids)
                room = rooms.get(length) or rooms.setdefault(length, self._room(length, job.alone))
                fresh[key] = Item(key, encoding, room, job.outputs, front, [(job, index)], since=now)
                tokens += length
        items = list(fresh.values())
        self._forecast.enter(job, put(items, front, pace, self.batch_tokens))
        self._queue.put(job, items)

    def _room(self, length: int, alone: bool) -> int:
        """Return what an input takes of a batch, in tokens: all of it where it runs alone."""
        padded = self.limits.padded(length)
        return max(padded, self.limits.batch_tokens) if alone else padded

    def _front(self) -> float:
        """Return the place of a job that comes now: beside the most urgent item that waits.

        Batches take like lengths out of order, so that item lags behind virtual time; only so far as a
        bounded number of batches explains, though, or a stream of newcomers would hold it back.
        """
        front = self._queue.front
        if front is None:
            return self._time
        lag = OVERTAKEN * self.batch_tokens
        return min(self._time, max(front, self._time - lag))

    def _remove(self, indices: Sequence[int]) -> list[Item]:
        taken = self._queue.take(indices)
        tokens = self._shares.took(taken)
        self._time += tokens / max(1, len(self._shares))
        for item in taken:
            for job, _ in item.takers:
                if job.take():
                    self._shares.leave(job)
        return taken

    def _forget(self, job: Job | None) -> None:
        """Drop an answered, failed or cancelled request and whatever of it still waits."""
        if job is None:
            return
        with self._changed:
            self._jobs.discard(job)
            self._forecast.leave(job)
            if job.waiting:
                self._shares.leave(job)
            self._queue.forget(job)
