"""When the requests of a lane are likely to be done."""

from .job import Job


class Forecast:
    """Where in the lane's virtual time each request ends: the place of its last input, by the shares."""

    def __init__(self) -> None:
        self._ends: dict[Job, float] = {}

    def enter(self, job: Job, end: float) -> None:
        """Take note of a request whose inputs are all taken when virtual time reaches `end`."""
        self._ends[job] = end

    def leave(self, job: Job) -> None:
        """Forget a request."""
        self._ends.pop(job, None)

    def seconds(self, now: float, pace: float, batch: float) -> list[float]:
        """Return after how many seconds requests are done, ascending.

        Virtual time is at `now` and takes `pace` seconds for each of its tokens; a batch takes `batch`.
        """
        return [max(0.0, end - now) * pace + batch for end in sorted(self._ends.values())]
