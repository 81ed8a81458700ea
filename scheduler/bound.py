"""How large a batch the device's memory is known to take: less after one that did not fit, slowly more again.

As TCP does with its window (additive increase, multiplicative decrease; Chiu and Jain 1989). What took the
memory may go away, so the bound grows; a batch that does not fit costs one run more, so it grows slowly, and
no more than about one full batch in `STEPS` is tried in vain.
"""

from math import inf

STEPS = 256  # full batches that run until the bound is back from half
FULL = 0.75  # of the bound, from which on a batch tells that it fits


class Bound:
    """The tokens that a batch may hold, endless until one did not fit."""

    def __init__(self) -> None:
        self.tokens = inf
        self._step = 0.0

    def shrink(self, size: float) -> None:
        """Learn that a batch of this many tokens did not fit: half of it may."""
        if size / 2 < self.tokens:
            self.tokens = max(1.0, size / 2)
            self._step = self.tokens / STEPS

    def fits(self, size: float) -> None:
        """Learn that a batch of this many tokens fitted."""
        if size >= FULL * self.tokens:
            self.tokens += self._step
