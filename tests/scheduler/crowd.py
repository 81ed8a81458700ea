"""Closed-loop clients of an engine's admission and of a lane, played on a clock of their own.

Nothing sleeps and nothing is noisy: a batch takes what a cost says.
"""

import heapq
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

import numpy as np
import pytest

from vectord.core import Batch
from vectord.errors import Overloaded
from vectord.scheduler import Limits, Terms
from vectord.scheduler.admission import Admission
from vectord.scheduler.cost import Cost
from vectord.scheduler.job import Item
from vectord.scheduler.lane import Lane

from .fakes import encoding

NETWORK_SECONDS = 0.001
PROBE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Waited:
    """What a client was told when it was first refused, and how long it was until it was admitted."""

    at: float
    told: float
    true: float
    refusals: int
    probing: bool


@dataclass(slots=True)
class Crowd:
    """The clients, by number; the first `probing` of them try again and again, others come back as told."""

    clients: int
    inputs: int
    places: int
    waiting_tokens: int = 10**9
    probing: int = 0
    cost: Cost = field(default_factory=lambda: Cost(0.002, 2e-5, 0.0))
    lengths: tuple[int, int] = (4, 12)
    now: float = 0.0
    answers: list[int] = field(default_factory=list)
    ran: int = 0
    waited: list[Waited] = field(default_factory=list)
    _first: dict[int, tuple[float, float, int]] = field(default_factory=dict)
    _events: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: "count[int]" = field(default_factory=count)
    runs: bool = False
    lane: Lane = field(init=False)
    admission: Admission = field(init=False)
    chance: random.Random = field(default_factory=lambda: random.Random(0))

    def play(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let them all come within the first tenth of a second, and go on for so long."""
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)
        self.answers = [0] * self.clients
        self.lane = Lane(Limits(512, self.waiting_tokens), [(1, 8, 0.00216), (8, 32, 0.00712)])
        self.admission = Admission(self.places, self.lane.ends)
        for number in range(self.clients):
            self.after(self.chance.uniform(0, 0.1), lambda number=number: self.ask(number))  # type: ignore[misc]
        while self._events and self.now < seconds:
            self.now, _, act = heapq.heappop(self._events)
            act()

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (self.now + seconds, next(self._order), act))

    def ask(self, number: int) -> None:
        """Send a client's next request."""
        terms = Terms(sender=number)
        place = self.admission.admit(terms)
        try:
            place.__enter__()
        except Overloaded as refusal:
            return self.refused(number, refusal.retry_after)
        try:
            asked = [encoding(self.chance.randint(*self.lengths)) for _ in range(self.inputs)]
            job = self.lane.submit(asked, frozenset({"embedding"}), terms)
        except Overloaded as refusal:
            place.__exit__(None, None, None)
            return self.refused(number, refusal.retry_after)
        if number in self._first:
            at, told, refusals = self._first.pop(number)
            self.waited.append(Waited(at, told, self.now - at, refusals, number < self.probing))

        def done(_: object) -> None:
            place.__exit__(None, None, None)
            self.answers[number] += 1
            self.after(NETWORK_SECONDS, lambda: self.ask(number))

        job.future.add_done_callback(done)
        if not self.runs:
            self.run()

    def refused(self, number: int, told: float) -> None:
        at, first, refusals = self._first.get(number, (self.now, told, 0))
        self._first[number] = at, first, refusals + 1
        self.after(PROBE_SECONDS if number < self.probing else told, lambda: self.ask(number))

    def run(self) -> None:
        """Run the next batch, if any."""
        items = self.lane.take()
        self.runs = bool(items)
        if items:
            batch = Batch.of([item.encoding for item in items])
            self.after(self.cost.seconds(len(batch), batch.longest), lambda: self.end(items, batch))

    def end(self, items: list[Item], batch: Batch) -> None:
        seconds = self.cost.seconds(len(batch), batch.longest)
        self.lane.learn(batch, seconds, 1)
        self.lane.settle(items, [{"embedding": np.zeros(1, np.float32)}] * len(items))
        self.ran += len(items)
        self.run()
