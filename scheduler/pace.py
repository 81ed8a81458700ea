"""How fast a lane works its queue off, in seconds a token: as fitted, and as the clock says."""

import time

FORGETTING = 0.95  # of what was learnt before, with each batch
TYPICAL_LENGTH = 64  # tokens, of whose cost the first estimate is made
SLOWEST, FASTEST = 4.0, 0.25  # a single batch beyond this times what it should take says little of others


class Pace:
    """Learns from batches.

    What a batch should take (the cost model's, divided among runners) is smooth; what lies between two
    batches, and what other models and the server itself take of the cores, shows only on the clock while
    there is always work. So the one is followed, and the other as a ratio to it.
    """

    def __init__(self, seconds_per_token: float) -> None:
        self._tokens = 1.0
        self._expected = seconds_per_token
        self._awaited = self._took = 0.0
        self._last: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds that a waiting token is likely to take."""
        return self._expected / self._tokens * (self._took / self._awaited if self._awaited else 1.0)

    def learn(self, expected: float, tokens: int, *, busy: bool) -> None:
        """Take note of a batch; `expected` is its share of the time, `busy` whether more waits."""
        now = time.perf_counter()
        if self._last is not None and expected > 0:
            took = min(SLOWEST * expected, max(FASTEST * expected, now - self._last))
            self._took = FORGETTING * self._took + took
            self._awaited = FORGETTING * self._awaited + expected
        self._last = now if busy else None
        self._expected = FORGETTING * self._expected + expected
        self._tokens = FORGETTING * self._tokens + tokens
