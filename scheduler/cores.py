"""One budget of cores for the runners of all lanes, handed out in the order of asking."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Lock


class CoreBudget:
    """Lends cores to runner threads, so that two busy models do not thrash."""

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._free = cores
        self._turns: deque[object] = deque()
        self._changed = Condition()

    @contextmanager
    def hold(self, cores: int) -> Iterator["Lease"]:
        """Wait for this many cores (all of them, if it is more) and hold them."""
        wanted, turn = min(cores, self._cores), object()
        with self._changed:
            self._turns.append(turn)
            self._changed.wait_for(lambda: self._turns[0] is turn and self._free >= wanted)
            self._turns.popleft()
            self._free -= wanted
            self._changed.notify_all()
        lease = Lease(self, wanted)
        try:
            yield lease
        finally:
            lease.release()

    def give_back(self, cores: int) -> None:
        """Take cores back."""
        with self._changed:
            self._free += cores
            self._changed.notify_all()


class Lease:
    """Cores that a runner holds; they go back once, be it by the runner or by who gave it up."""

    def __init__(self, budget: CoreBudget, cores: int) -> None:
        self._budget = budget
        self._cores = cores
        self._lock = Lock()

    def release(self) -> None:
        """Give the cores back."""
        if self._lock.acquire(blocking=False):  # never released: it is given back once
            self._budget.give_back(self._cores)
