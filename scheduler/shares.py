"""Who shares a lane, and how much of it a request gets: each API key as much as any other.

A request without a key stands for itself. Requests of one key divide its share among them, and bulk gets
a quarter of what it would, so that whoever waits for one line is served first. Beside hundreds of those a
quarter of one share is next to nothing, so all bulk together gets an eighth of the tokens at least.
"""

from collections import Counter
from collections.abc import Hashable, Sequence

from .job import Item, Job

BULK_SHARE = 0.25
BULK_LEAST = 1 / 8  # of all tokens that run while bulk waits
BULK_INPUTS = 64  # from which on a request counts as bulk unless it says otherwise


class Shares:
    """The jobs of which something waits, by key. The lane's lock is held."""

    def __init__(self) -> None:
        self._jobs: Counter[Hashable] = Counter()
        self._bulk = 0
        self._owed = 0.0  # tokens that bulk got too little of

    def enter(self, job: Job) -> float:
        """Count a job in; return how many tokens of the lane's virtual time each of its own stands for.

        As many as the key has jobs that wait: those that came before keep what they were told, so the shares
        of a key that has just begun add up to more than one, and to one as soon as its first jobs are done.
        """
        self._jobs[holder(job)] += 1
        self._bulk += is_bulk(job)
        return self._jobs[holder(job)] / (BULK_SHARE if is_bulk(job) else 1)

    def leave(self, job: Job) -> None:
        """Count a job out, once nothing of it waits."""
        self._jobs[holder(job)] -= 1
        self._bulk -= is_bulk(job)
        if not self._jobs[holder(job)]:
            del self._jobs[holder(job)]

    @property
    def mixed(self) -> bool:
        """Whether bulk waits beside what is in a hurry."""
        return 0 < self._bulk < self._jobs.total()

    def took(self, items: Sequence[Item]) -> int:
        """Note what runs now; return its tokens."""
        tokens = sum(len(item.encoding.token_ids) for item in items)
        if self.mixed:
            bulk = sum(len(item.encoding.token_ids) for item in items if in_bulk(item))
            self._owed = max(0.0, self._owed + BULK_LEAST * tokens - bulk)
        else:
            self._owed = 0.0
        return tokens

    def owes_bulk(self, budget: int) -> bool:
        """Whether it is bulk's turn: it got too little by a batch of so many tokens."""
        return self.mixed and self._owed >= budget

    def __len__(self) -> int:
        return len(self._jobs)


def holder(job: Job) -> Hashable:
    """Return whose share a job uses."""
    return job if job.terms.key is None else job.terms.key


def is_bulk(job: Job) -> bool:
    """Whether a job can wait: as the request says, else by its size."""
    bulk = job.terms.bulk
    return len(job.encodings) >= BULK_INPUTS if bulk is None else bulk


def in_bulk(item: Item) -> bool:
    """Whether an item can wait: as the first job that waits for it can."""
    return is_bulk(item.takers[0][0])
