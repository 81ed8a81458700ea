"""One budget of cores for the runners of all lanes, handed out in the order of asking."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class CoreBudget:
    """Lends cores to runner threads, so that two busy models do not thrash."""

    def __init__(self, cores: int) -> None:
        self._cores = cores
        self._free = cores
        self._turns: deque[object] = deque()
        self._changed = Condition()

    @contextmanager
    def hold(self, cores: int) -> Iterator[None]:
        """Wait for this many cores (all of them, if it is more) and hold them."""
        wanted, turn = min(cores, self._cores), object()
        with self._changed:
            self._turns.append(turn)
            self._changed.wait_for(lambda: self._turns[0] is turn and self._free >= wanted)
            self._turns.popleft()
            self._free -= wanted
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += wanted
                self._changed.notify_all()
