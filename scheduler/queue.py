"""The inputs that wait in a lane, in order of place. The lane's lock is held in every call."""

import time
from bisect import bisect_left, insort
from collections.abc import Sequence
from operator import attrgetter

from .job import Item, Job, Key

PLACE = attrgetter("place")


class Queue:
    """Items by place, by key, and by the jobs that wait for them; `tokens` is how many all of them have.

    What nobody waits for any more stays in the list until the next batch is chosen, or until that is most of
    it: when a thousand clients leave, nobody shall look through all that waits a thousand times.
    """

    def __init__(self) -> None:
        self.tokens = 0
        self._items: list[Item] = []
        self._by_key: dict[Key, Item] = {}
        self._by_job: dict[Job, list[Item]] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    @property
    def front(self) -> float | None:
        """The place of the most urgent item."""
        return self._items[0].place if self._by_key else None

    @property
    def oldest_seconds(self) -> float:
        """How long the item that waits longest has waited."""
        return max((time.perf_counter() - item.since for item in self._by_key.values()), default=0.0)

    def find(self, key: Key) -> Item | None:
        """Return the item that waits for the same run."""
        return self._by_key.get(key)

    def put(self, job: Job, fresh: Sequence[Item]) -> None:
        """Let the items of one job wait, which are in order of place, behind those of the same place."""
        self._by_key.update((item.key, item) for item in fresh)
        self._by_job.setdefault(job, []).extend(fresh)
        self.tokens += sum(len(item.encoding.token_ids) for item in fresh)
        if len(fresh) == 1:
            insort(self._items, fresh[0], key=PLACE)
        else:
            self._items += fresh
            self._items.sort(key=PLACE)  # two runs, which it merges

    def share(self, item: Item, job: Job, index: int, place: float) -> None:
        """Let a job wait for an item that waits already; it moves up if this job is more urgent."""
        item.takers.append((job, index))
        item.outputs |= job.outputs
        self._by_job.setdefault(job, []).append(item)
        if place < item.place:
            del self._items[index_of(self._items, item)]
            item.place = place
            insort(self._items, item, key=PLACE)

    def waiting(self) -> Sequence[Item]:
        """Return all items."""
        self._sweep()
        return self._items

    def take(self, indices: Sequence[int]) -> list[Item]:
        """Return some items, by their ascending indices among all; they wait no more."""
        taken = [self._items[index] for index in indices]
        if len(indices) == indices[-1] + 1:
            del self._items[: len(indices)]
        else:
            for index in reversed(indices):
                del self._items[index]
        for item in taken:
            self._drop(item)
        return taken

    def forget(self, job: Job) -> None:
        """Take out what nobody but this job waited for."""
        for item in self._by_job.pop(job, ()):
            if self._by_key.get(item.key) is item and item.forget(job):
                self._drop(item)
        if len(self._items) > 2 * len(self._by_key):
            self._sweep()

    def _drop(self, item: Item) -> None:
        del self._by_key[item.key]
        self.tokens -= len(item.encoding.token_ids)

    def _sweep(self) -> None:
        if len(self._items) != len(self._by_key):
            self._items = [item for item in self._items if item.takers]


def index_of(items: Sequence[Item], item: Item) -> int:
    """Return where an item waits; a scan of all would take too long for a request of thousands."""
    index = bisect_left(items, item.place, key=PLACE)
    while items[index] is not item:
        index += 1
    return index
