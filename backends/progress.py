"""Word of long work in the log: first after two seconds, then every two."""

import logging
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
EVERY = 2.0  # seconds

log = logging.getLogger("vectord")


class Progress:
    """Counts steps of some work and logs how far it is."""

    def __init__(self, what: str, total: int, unit: str) -> None:
        self._what, self._total, self._unit = what, total, unit
        self._done, self._last = 0, time.monotonic()

    def advance(self, steps: int = 1) -> None:
        """Count steps."""
        self._done += steps
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._last = now
            log.info("%s: %d of %d %s", self._what, self._done, self._total, self._unit)


def counted(items: Iterable[Item], what: str, total: int, unit: str) -> Iterator[Item]:
    """Yield the items and log how far they are."""
    progress = Progress(what, total, unit)
    for item in items:
        yield item
        progress.advance()
