"""A thread that runs a lane's batches on a session: take, run, hand out.

Native code that hangs cannot be stopped. Whoever watches the runner gives it up: its requests fail,
its cores go back, and should it ever return it ends.
"""

import logging
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from operator import not_
from threading import Thread

from vectord.core import Batch, DeviceLost, Encoding, OutOfMemory, Output, Session
from vectord.errors import BackendFailed, Unavailable

from .cores import CoreBudget, Lease
from .job import Item
from .lane import Lane
from .loaded import Loaded, Replica
from .pieces import pieces_of, sound_ones
from .turn import Turn

log = logging.getLogger("vectord.scheduler")


@dataclass(frozen=True, slots=True)
class Finished:
    """What an observer learns of a batch: real tokens, what it took with padding, seconds in the session."""

    model: str
    inputs: int
    tokens: int
    padded_tokens: float
    seconds: float


Observer = Callable[[Finished], None]
FAILED = "the model failed on an input of this request"
SLOW = 20  # times the estimated duration, beyond which a run is not slow but hung


class Runner(Thread):
    """Runs batches on a replica's session until its lane closes. One session may have several runners."""

    def __init__(
        self,
        loaded: Loaded,
        replica: Replica,
        lane: Lane,
        cores: CoreBudget,
        observe: Observer,
        patience: float = 60.0,
    ) -> None:
        super().__init__(name=f"runner-{loaded.card.name}", daemon=True)
        self.replica = replica
        self._loaded = loaded
        self._lane = lane
        self._cores = cores
        self._observe = observe
        self._patience = patience
        self._turn: Turn | None = None
        self._given_up = False
        self.lost = False  # the session's device, so that no further run would succeed

    def run(self) -> None:
        """Take, run, hand out: wait for work, then for cores, so that batches are packed late."""
        while self.at_work and self._lane.wait():
            with self._cores.hold(self.replica.bid.threads) as lease:
                self._take_turn(lease)

    @property
    def at_work(self) -> bool:
        """Whether it takes batches."""
        return self.is_alive() and not self._given_up and not self.lost

    def broken(self, now: float) -> bool:
        """Whether its device is lost, or its run has taken so long that it must have hung."""
        turn = self._turn
        return not self._given_up and (self.lost or (turn is not None and now > turn.overdue))

    def give_up(self) -> None:
        """Fail what it runs, and let it end should it return."""
        self._given_up = True
        turn = self._turn
        if turn is not None:
            turn.give_up()

    def _take_turn(self, lease: Lease) -> None:
        """Run one batch; a bug in our own bookkeeping fails the inputs at hand and not the runner."""
        items: Sequence[Item] = ()
        try:
            items = self._lane.take()
            if items:
                self._turn = Turn(items, lease, time.monotonic() + self._longest(items))
                self._answer(items, self._session(lease))
        except BaseException:  # a panic of a compiled library is no `Exception`
            log.exception("%s: a runner failed; it goes on", self._loaded.card.name)
            # without items it was the taking that failed, and would fail again on what waits
            error = BackendFailed("the server failed on this request; its log has the cause")
            self._lane.fail(error, {job for item in items for job, _ in item.takers} if items else None)
        finally:
            self._turn = None

    def _longest(self, items: Sequence[Item]) -> float:
        """Return the seconds after which a run of these must have hung; each may run alone once more."""
        longest = max(item.padded for item in items)
        return max(self._patience, SLOW * self._lane.cost.seconds(len(items), longest))

    def _session(self, lease: Lease) -> Session:
        """Return the wide session for a batch that is all there is, if all cores are free, else one's own."""
        wide = self._loaded.wide.session() if self._loaded.wide and self._lane.solitary else None
        return wide if wide is not None and lease.widen() else self.replica.session

    def _answer(self, items: Sequence[Item], session: Session) -> None:
        """Run a batch; a failing one is split until only the poisonous input fails."""
        batch = Batch.of([item.encoding for item in items])
        start = time.perf_counter()
        try:
            asked: frozenset[Output] = frozenset().union(*(item.outputs for item in items))
            arrays = session.run(batch, asked)
            self._put_back_cores()  # what follows is Python's, of which one thread runs at a time anyway
            found = pieces_of(batch, arrays)
        except DeviceLost as error:
            self._lose(items, error, session)
            return
        except Exception as error:  # whatever a backend throws must reach only the inputs at fault
            traceback.clear_frames(error.__traceback__)  # they hold memory that the halves need
            if isinstance(error, OutOfMemory):
                self._shrink(batch)
            self._split(items, error)
            return
        seconds = time.perf_counter() - start
        good = sound_ones(arrays, found)
        if not all(good):
            self._fail(list(compress(items, map(not_, good))), "a NaN in its output")
        self._lane.settle(list(compress(items, good)), list(compress(found, good)))
        if session is self.replica.session:  # the wide one's times say nothing of a busy server's
            self._lane.learn(batch, seconds, self._loaded.runners)  # after the answers: nobody waits for it
        size = self._lane.limits.size(batch)
        self._observe(Finished(self._loaded.card.name, len(batch), batch.tokens, size, seconds))

    def _put_back_cores(self) -> None:
        turn = self._turn
        if turn is not None:
            turn.lease.release()

    def _shrink(self, batch: Batch) -> None:
        most = self._lane.shrink(batch)
        log.warning(
            "%s: a batch of %d tokens does not fit in memory; batches hold %d tokens at most for now",
            self._loaded.card.name, batch.tokens, most,
        )  # fmt: skip

    def _split(self, items: Sequence[Item], error: Exception) -> None:
        if len(items) == 1:
            short = isinstance(error, OutOfMemory)
            reason = f"it does not fit in memory: {error}" if short else f"{type(error).__name__}: {error}"
            told = too_large(items[0].encoding) if short else FAILED
            self._fail(items, reason, told)
            return
        half = len(items) // 2
        self._answer(items[:half], self.replica.session)
        if not self.lost:
            self._answer(items[half:], self.replica.session)
        else:
            self._turn_away(items[half:])

    def _lose(self, items: Sequence[Item], error: DeviceLost, session: Session) -> None:
        """Take no more; whoever watches puts another runner on a fresh session, if nobody has done so yet."""
        log.error("%s: a session is lost: %s", self._loaded.card.name, error)
        self.lost = session is self.replica.session
        self._turn_away(items)

    def _turn_away(self, items: Sequence[Item]) -> None:
        for item in items:
            item.fail(Unavailable("the device that ran this was lost; try again"))

    def _fail(self, items: Sequence[Item], reason: str, told: str = FAILED) -> None:
        for item in items:
            log.error(
                "%s failed on an input of %d tokens: %s", self._loaded.card.name, len(item.encoding), reason
            )
            item.fail(BackendFailed(told))


def too_large(encoding: Encoding) -> str:
    """Say that one input alone is more than there is memory for."""
    return f"an input of {len(encoding)} tokens needs more memory than the device has free"
