"""Notices runners that have hung in native code or lost their device, and has them replaced."""

import time
from collections.abc import Sequence
from threading import Event, Thread
from typing import Protocol

from .runner import Runner

AGAIN = 60.0  # seconds within which another failure means that the process is beyond repair


class Watched(Protocol):
    """A model with runners that can be replaced."""

    @property
    def runners(self) -> Sequence[Runner]:
        """Its runners at work."""
        ...

    def replace(self, runner: Runner) -> bool:
        """Give up a runner and put one on a fresh session in its place; return whether one could be had."""
        ...


class Watchdog(Thread):
    """Looks at all runners once in a while; the interval only delays what takes a minute anyway."""

    def __init__(self, watched: Sequence[Watched], interval: float) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._watched = watched
        self._interval = interval
        self._stop = Event()
        self._last = float("-inf")
        self.beyond_repair = False

    def run(self) -> None:
        """Look until it is stopped."""
        while not self._stop.wait(self._interval):
            for one in self._watched:
                for runner in tuple(one.runners):
                    if runner.broken(time.monotonic()):  # one before it may have been replaced with it
                        self._replace(one, runner)

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()

    def _replace(self, one: Watched, runner: Runner) -> None:
        again = self._failed_lately()
        replaced = one.replace(runner)
        self.beyond_repair = self.beyond_repair or again or not replaced

    def _failed_lately(self) -> bool:
        """Note a failure, and return whether there was one shortly before."""
        before, self._last = self._last, time.monotonic()
        return self._last - before < AGAIN
