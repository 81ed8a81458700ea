"""When the requests of a lane are likely to be done."""

from collections.abc import Sequence
from itertools import accumulate

from .job import Job
from .places import Turn


class Forecast:
    """The turns of all requests: a request is done when its last one has run."""

    def __init__(self) -> None:
        self._turns: dict[Job, Sequence[Turn]] = {}

    def enter(self, job: Job, turns: Sequence[Turn]) -> None:
        """Take note of a request."""
        self._turns[job] = turns

    def leave(self, job: Job) -> None:
        """Forget a request."""
        self._turns.pop(job, None)

    def seconds(self, now: float, waiting: int, pace: float, batch: float) -> list[float]:
        """Return after how many seconds requests are done, ascending.

        The lane has come to the place `now`. Of what is behind it, so many tokens wait: batches take like
        lengths out of order. Each takes `pace` seconds; what runs then takes `batch`.
        """
        turns = [(place, tokens, job) for job, turns in self._turns.items() for place, tokens in turns]
        turns.sort(key=lambda turn: turn[0])
        left = list(accumulate(tokens * (place >= now) for place, tokens, _ in turns))
        each = pace * waiting / max(1, left[-1]) if left else 0.0
        ends = {job: tokens for (_, _, job), tokens in zip(turns, left, strict=True)}
        return sorted(tokens * each + batch for tokens in ends.values())
