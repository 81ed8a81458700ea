"""How many requests may be in work at once."""

import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from vectord.errors import Overloaded

from .room import Room
from .terms import PLAIN, Terms

FRESH_SECONDS = 0.05  # how long a forecast is used; under a flood of refusals it would cost more than they
LEAST_SECONDS = 0.001  # who is told to come back at once is refused again
UNKNOWN_SECONDS = 1.0  # where no model has work and yet all places are taken


class Admission:
    """Counts requests against a limit. Used from one event loop, so it needs no lock.

    `forecast` gives the seconds after which requests now in work are likely to end, ascending.
    """

    def __init__(self, limit: int, forecast: Callable[[], Sequence[float]]) -> None:
        self._limit = limit
        self._forecast = forecast
        self._ends: Sequence[float] = ()
        self._seen = float("-inf")
        self._room = Room(limit)
        self.admitted = 0

    def check_room(self, terms: Terms = PLAIN) -> None:
        """Raise `Overloaded`, with an honest time to come back, where there is no place."""
        missing = self._room.missing(self.admitted, 1, terms.sender)
        if not missing:
            return
        wait = self._seconds_until(missing)
        self._room.promise(terms.sender, 1, wait)
        raise Overloaded(
            f"{self._limit} requests are in work already; try again later",
            retry_after=wait,
            reason="too_many_requests",
        )

    @contextmanager
    def admit(self, terms: Terms = PLAIN) -> Iterator[None]:
        """Hold a place. Raises `Overloaded`."""
        self.check_room(terms)
        self._room.keep(terms.sender)
        self.admitted += 1
        try:
            yield
        finally:
            self.admitted -= 1

    def _seconds_until(self, places: float) -> float:
        """Return when so many places will have come free.

        Of more places than there are, those who take them are held to need as long as these.
        """
        now = time.perf_counter()
        if now - self._seen > FRESH_SECONDS:
            self._ends, self._seen = self._forecast(), now
        if not self._ends:
            return UNKNOWN_SECONDS
        rounds, index = divmod(int(places) - 1, self._limit)
        index += bisect_right(self._ends, now - self._seen)  # their places were taken since
        # what no lane knows yet ends no sooner than the last
        end = self._ends[min(index, len(self._ends) - 1)]
        return max(LEAST_SECONDS, rounds * self._ends[-1] + end - (now - self._seen))
