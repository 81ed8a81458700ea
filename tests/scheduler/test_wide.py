"""The session on all cores: for batches that are alone, opened when there is use for it."""

import asyncio
import logging
from threading import Event

import pytest

from vectord.core import Bid, Session
from vectord.errors import Unavailable
from vectord.scheduler import CoreBudget, Engine, Limits, Loaded, Policy, Replica, Served, Wide
from vectord.scheduler.lane import QUIET
from vectord.scheduler.wide import USES

from .fakes import FakeSession, FakeTokenizer, card, engine
from .test_hang import HangingSession, until

SOON = QUIET - 1 + USES  # lone requests after which it is opened


class House:
    """A model of two runners with a session of one thread each, and a wide one."""

    def __init__(self, wide: FakeSession | Exception, *, gate: Event | None = None) -> None:
        self.narrow, self.opened = FakeSession(gate=gate), 0
        bid = Bid(1, "float32", "a fake", runners=2)
        self._wide = wide
        replica = Replica(self.narrow, bid, FakeSession)
        loaded = Loaded(
            card(), FakeTokenizer(), "fake", bid, [replica], wide=(made := Wide("fake", self.open_wide))
        )
        self.wide, self.cores = made, CoreBudget(2)
        self.served = Served.start(loaded, Limits(64, 10_000), self.cores, lambda _: None)

    def open_wide(self) -> Session:
        self.opened += 1
        if isinstance(self._wide, Exception):
            raise self._wide
        return self._wide

    async def ask(self, door: Engine, count: int) -> None:
        for number in range(count):
            await door.embed([f"text {number}"])
            await self.idle()

    async def idle(self) -> None:
        """Wait until the runners have put their cores back."""
        await until(lambda: self.cores.take_rest(0) is not None)
        self.cores.give_back(2)


async def test_texts_that_come_alone_move_to_it() -> None:
    wide = FakeSession()
    house = House(wide)
    async with engine(house.served) as door:
        await house.ask(door, SOON - 1)
        assert house.opened == 0
        await house.ask(door, 1)
        await until(lambda: house.wide._session is wide)
        before = len(house.narrow.batches)
        await house.ask(door, 5)
        assert (len(wide.batches), len(house.narrow.batches), house.opened) == (5, before, 1)
    assert not wide.batches  # closed with the rest


async def test_texts_that_come_together_do_not() -> None:
    house = House(FakeSession())
    async with engine(house.served) as door:
        for number in range(3 * SOON):
            await asyncio.gather(*(door.embed([f"{letter} {number}"]) for letter in "abc"))
        assert house.opened == 0
        assert (await door.embed(["x" * 60, "y" * 60, "z" * 60])).tokens == 180  # more than a batch holds


async def test_it_waits_for_no_cores_and_is_left_when_others_come() -> None:
    gate, wide = Event(), FakeSession()
    gate.set()
    house = House(wide, gate=gate)
    async with engine(house.served) as door:
        await house.ask(door, SOON)
        await until(lambda: house.wide._session is wide)
        await house.ask(door, 1)
        assert len(wide.batches) == 1
        with house.cores.hold(1):  # another model's
            await door.embed(["beside it"])
        await house.idle()
        assert len(wide.batches) == 1
        wide.gate = Event()  # it runs on all cores: who comes meanwhile waits for them
        slow = asyncio.create_task(door.embed(["slow"]))
        await until(lambda: len(wide.batches) == 2)
        others = [asyncio.create_task(door.embed([f"other {number}"])) for number in range(3)]
        await asyncio.sleep(0.05)
        assert not any(one.done() for one in others)
        wide.gate.set()
        await asyncio.gather(slow, *others)
        assert len(wide.batches) == 2
        await house.ask(door, QUIET)  # alone again
        assert len(wide.batches) == 2 + 1


async def test_one_that_cannot_be_opened_is_done_without(caplog: pytest.LogCaptureFixture) -> None:
    house = House(RuntimeError("no memory"))
    with caplog.at_level(logging.ERROR):
        async with engine(house.served) as door:
            await house.ask(door, 3 * SOON)
            assert house.opened == 1
            assert len(house.narrow.batches) == 3 * SOON
    assert [line for line in caplog.messages if "could not be opened" in line]


async def test_after_a_hang_it_is_used_no_more() -> None:
    wide = HangingSession()
    house = House(wide)
    served = house.served
    for runner in served.runners:
        runner._patience = 0.2
    async with Engine([served], Policy(watch_seconds=0.05)) as door:
        await house.ask(door, SOON)
        await until(lambda: house.wide._session is wide)
        with pytest.raises(Unavailable, match="restarted"):
            await door.embed(["!"])
        await until(lambda: served.abandoned == 1 and door.ready)
        before = len(wide.batches)
        await house.ask(door, SOON)
        assert len(wide.batches) == before
        assert house.opened == 1
        assert not door.beyond_repair


def test_closing_while_it_is_opened_closes_what_comes() -> None:
    begun, go, session = Event(), Event(), FakeSession()

    def reopen() -> Session:
        begun.set()
        assert go.wait(10)
        session.batches = [object()]  # type: ignore[list-item]  # closing clears them
        return session

    wide = Wide("fake", reopen)
    for _ in range(USES):
        assert wide.session() is None
    assert begun.wait(10)
    wide.close()
    go.set()
    while session.batches or wide.session() is not None:
        Event().wait(0.005)


def test_a_lease_takes_the_rest_only_if_nobody_else_wants_any() -> None:
    budget = CoreBudget(4)
    with budget.hold(1) as one:
        with budget.hold(2) as two:
            assert not one.widen()
            two.release()
            assert one.widen()
        with budget.hold(0):
            pass
        assert budget.take_rest(0) is None
        one.release()
        assert not one.widen()
        assert budget.take_rest(0) == 4
        budget.give_back(4)
    with budget.hold(4) as every:
        assert every.widen()
    assert budget.take_rest(0) == 4
