"""How many requests may be in work at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from vectord.errors import Overloaded


class Admission:
    """Counts requests against a limit. Used from one event loop, so it needs no lock."""

    def __init__(self, limit: int, wait_seconds: Callable[[], float]) -> None:
        self._limit = limit
        self._wait_seconds = wait_seconds
        self.admitted = 0

    def check_room(self) -> None:
        """Raise `Overloaded`, with an honest time to come back, where there is no place."""
        if self.admitted >= self._limit:
            raise Overloaded(
                f"{self._limit} requests are in work already; try again later",
                retry_after=self._wait_seconds(),
                reason="too_many_requests",
            )

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Hold a place. Raises `Overloaded`."""
        self.check_room()
        self.admitted += 1
        try:
            yield
        finally:
            self.admitted -= 1
