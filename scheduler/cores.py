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

    def take_rest(self, held: int) -> int | None:
        """Hand out all cores that there are beside these; None where others hold some or wait for some."""
        with self._changed:
            if self._turns or self._free + held < self._cores:
                return None
            rest, self._free = self._free, 0
            return rest

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

    def widen(self) -> bool:
        """Hold all cores of the budget, if nobody else holds or wants any; return whether it does."""
        with self._lock:
            rest = self._budget.take_rest(self._cores) if self._cores else None
            self._cores += rest or 0
            return rest is not None

    def release(self) -> None:
        """Give the cores back."""
        with self._lock:
            cores, self._cores = self._cores, 0
        if cores:
            self._budget.give_back(cores)
