"""How fast a lane works its queue off, in seconds a token: as fitted, and as the clock says."""

import time

LEARNING_RATE = 0.1
TYPICAL_LENGTH = 64  # tokens, of whose cost the first estimate is made
SLOWEST, FASTEST = 4.0, 0.25  # a single batch beyond this times what it should take says little of others


class Pace:
    """Learns from batches.

    What a batch should take (the cost model's, divided among runners) is smooth; what lies between two
    batches, and what other models and the server itself take of the cores, shows only on the clock while
    there is always work. So the one is followed, and the other as a ratio to it.
    """

    def __init__(self, seconds_per_token: float) -> None:
        self._per_token = seconds_per_token
        self._ratio = 1.0
        self._last: float | None = None

    @property
    def seconds(self) -> float:
        """Seconds that a waiting token is likely to take."""
        return self._per_token * self._ratio

    def learn(self, expected: float, tokens: int, *, busy: bool) -> None:
        """Take note of a batch; `expected` is its share of the time, `busy` whether more waits."""
        now = time.perf_counter()
        if self._last is not None and expected > 0:
            ratio = min(SLOWEST, max(FASTEST, (now - self._last) / expected))
            self._ratio += LEARNING_RATE * (ratio - self._ratio)
        self._last = now if busy else None
        self._per_token += LEARNING_RATE * (expected / tokens - self._per_token)
