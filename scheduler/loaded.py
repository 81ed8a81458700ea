"""A card with all that is needed to run it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from vectord.core import Bid, ModelCard, Session, Tokenizer

from .cost import Timed
from .wide import Wide

log = logging.getLogger("vectord.scheduler")


@dataclass(eq=False, slots=True)
class Replica:
    """One session of a model and its part of the model's bid: its own runners, its threads, its device.

    `reopen` makes another session like it. That one takes the place of a session that hung or lost its
    device, for all runners of this replica at their next batch; the other replicas keep theirs.
    """

    session: Session
    bid: Bid
    reopen: Callable[[], Session] | None = None
    closed: bool = False

    def renew(self, *, lost: bool) -> bool:
        """Load the session anew; return whether that was possible.

        One whose device is lost is closed before, so that there is memory for another, unless other runners
        are on it.
        """
        try:
            if lost and self.bid.runners == 1:
                self.close()
            if self.reopen is None:
                return False
            self.session, self.closed = self.reopen(), False
        except Exception:  # a backend may fail in any way
            log.exception("a session could not be loaded anew")
            return False
        return True

    def close(self) -> None:
        """Free the session, once; a lost device may refuse even that."""
        if self.closed:
            return
        self.closed = True
        try:
            self.session.close()
        except Exception:  # what it holds ends with the process
            log.exception("a session could not be closed")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory: `bid` is for all replicas together; all draw from one lane.

    `timed` has the batches that it was warmed up with. `wide` is for batches that are alone; None: there is
    no other session for them.
    """

    card: ModelCard
    tokenizer: Tokenizer
    backend: str
    bid: Bid
    replicas: Sequence[Replica]
    timed: Sequence[Timed] = ()
    wide: Wide | None = None

    @property
    def runners(self) -> int:
        """Batches that may run at the same time."""
        return sum(one.bid.runners for one in self.replicas)
