"""A card with all that is needed to run it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vectord.core import Bid, ModelCard, Session, Tokenizer

from .cost import Timed


@dataclass(eq=False, slots=True)
class Replica:
    """One session of a model and its part of the model's bid: its own runners, its threads, its device.

    `reopen` makes another session like it. That one takes the place of a session that hung, for all runners
    of this replica at their next batch; the other replicas keep theirs.
    """

    session: Session
    bid: Bid
    reopen: Callable[[], Session] | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory: `bid` is for all replicas together; all draw from one lane.

    `timed` has the batches that it was warmed up with.
    """

    card: ModelCard
    tokenizer: Tokenizer
    backend: str
    bid: Bid
    replicas: Sequence[Replica]
    timed: Sequence[Timed] = ()

    @property
    def runners(self) -> int:
        """Batches that may run at the same time."""
        return sum(one.bid.runners for one in self.replicas)
