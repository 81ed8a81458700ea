"""What a runner is at: the inputs of its turn, and until when it should be done with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from vectord.errors import Unavailable

from .cores import Lease
from .job import Item


@dataclass(frozen=True, slots=True)
class Turn:
    """Inputs that run, the cores held for them, and when (`time.monotonic`) they must be done."""

    items: Sequence[Item]
    lease: Lease
    overdue: float

    def give_up(self) -> None:
        """Let go of the cores, and tell those who wait."""
        self.lease.release()
        for item in self.items:
            item.fail(Unavailable("the model did not answer in time and is being restarted; try again"))
