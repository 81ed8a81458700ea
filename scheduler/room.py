"""Room for work, and those who found none: in their order, so that who comes back finds a place.

A client that is answered sends its next request at once and would take every place that comes free
before one that was told to wait: some would be served for ever and others never. So the refused keep
their order. What comes free is theirs first, and each is told another time to come back: when what those
before it want has come free too. This holds for who can be told apart, by `sender`; a promise is kept a
little longer than was told, then it is void. At most `HELD` of all the room is kept for the absent, so
that a crowd which never comes back costs nobody much.
"""

import time
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

HELD = 0.5  # most of the room that is kept free for those who were told to come back
MOST = 4096  # who else comes is told the time but not remembered
GRACE_SECONDS = 2.0  # a client may round up what it was told, and has a way to go
GRACE_SHARE = 1.25  # of what it was told


@dataclass(slots=True)
class Promise:
    """Who was told to come back: its number in the order, what it wants, and until when that holds."""

    number: int
    amount: float
    until: float


class Room:
    """A bounded amount of something: places, or tokens. Used by one thread at a time."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._held = int(limit * HELD)
        self._promises: OrderedDict[Hashable, Promise] = OrderedDict()
        self._numbers: list[int] = []  # of the promises, ascending as they are
        self._amount = 0.0
        self._next = 0

    def missing(self, taken: int, wanted: int, sender: Hashable | None) -> float:
        """Return how much must come free before this much can be had, all told; 0: it can be had now."""
        self._expire(time.perf_counter())
        ahead = self._ahead(sender)
        if taken + wanted + min(ahead, self._held) <= self._limit:
            return 0
        return taken + wanted + ahead - self._limit

    def promise(self, sender: Hashable | None, amount: int, seconds: float) -> None:
        """Remember who was told to come back; it keeps its number if it has one."""
        until = time.perf_counter() + GRACE_SHARE * seconds + GRACE_SECONDS
        known = self._promises.get(sender)
        if known is not None:
            self._amount += amount - known.amount
            known.amount, known.until = amount, until
        elif sender is not None and len(self._numbers) < MOST:
            self._promises[sender] = Promise(self._next, amount, until)
            self._numbers.append(self._next)
            self._amount += amount
            self._next += 1

    def promised(self, sender: Hashable | None) -> int:
        """Return what this one was refused, 0 if nothing."""
        known = self._promises.get(sender)
        return 0 if known is None else int(known.amount)

    def keep(self, sender: Hashable | None) -> None:
        """Strike off who has got what it wanted."""
        known = self._promises.pop(sender, None)
        if known is not None:
            del self._numbers[bisect_left(self._numbers, known.number)]
            self._amount -= known.amount

    def _ahead(self, sender: Hashable | None) -> float:
        """Return what those before this one want; their number times what one wants on average."""
        if not self._numbers:
            return 0
        known = self._promises.get(sender)
        count = len(self._numbers) if known is None else bisect_left(self._numbers, known.number)
        return count * self._amount / len(self._numbers)

    def _expire(self, now: float) -> None:
        """Forget those at the head of the order who did not come back."""
        while self._promises:
            sender, first = next(iter(self._promises.items()))
            if first.until > now:
                return
            self.keep(sender)
