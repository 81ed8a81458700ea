"""Several sessions of one model: all draw from one lane, and one that hangs is replaced alone."""

import asyncio
import time
from collections.abc import Collection
from threading import Event

import pytest

from vectord.core import Arrays, Batch, Bid, DeviceLost, Output
from vectord.errors import Unavailable
from vectord.scheduler import CoreBudget, Engine, Limits, Loaded, Policy, Replica, Served

from .fakes import FakeSession, FakeTokenizer, card, encoding, engine, serve
from .test_hang import HangingSession, until


async def test_all_sessions_get_work() -> None:
    gate = Event()
    sessions = [FakeSession(gate=gate) for _ in range(3)]
    async with engine(serve(sessions[0], beside=sessions[1:], limits=Limits(8, 10_000))) as door:
        [served] = door.served
        asked = asyncio.create_task(door.embed(["a" * 8, "b" * 8, "c" * 8]))
        for session in sessions:
            assert await asyncio.to_thread(session.started.wait, 10)
        assert served.replicas == 3
        gate.set()
        assert (await asked).tokens == 24
        assert [len(session.batches) for session in sessions] == [1, 1, 1]


async def test_one_request_has_work_for_all_runners_of_a_session() -> None:
    session = FakeSession(gate=Event())
    async with engine(serve(session, runners=3, limits=Limits(8, 10_000))) as door:
        asked = asyncio.create_task(door.embed(["a" * 8, "b" * 8, "c" * 8, "d" * 8]))
        await until(lambda: len(session.batches) == 3)
        assert session.gate is not None
        session.gate.set()
        await asked


async def test_a_core_is_held_for_each_session_that_runs() -> None:
    gate = Event()
    sessions = [FakeSession(gate=gate) for _ in range(2)]
    served = serve(sessions[0], beside=sessions[1:], limits=Limits(8, 10_000), cores=CoreBudget(1))
    async with engine(served) as door:
        asked = asyncio.create_task(door.embed(["a" * 8, "b" * 8]))
        await until(lambda: any(session.started.is_set() for session in sessions))
        await asyncio.sleep(0.05)
        assert sum(len(session.batches) for session in sessions) == 1
        gate.set()
        await asked


async def test_a_hang_leaves_the_others_answering_and_is_replaced() -> None:
    bid = Bid(1, "float32", "a fake")
    sessions = [HangingSession(), HangingSession()]
    opened: list[HangingSession] = []

    def reopen() -> HangingSession:
        opened.append(HangingSession())
        return opened[-1]

    replicas = [Replica(session, bid, reopen) for session in sessions]
    loaded = Loaded(card(), FakeTokenizer(), "fake", bid, replicas)
    served = Served.start(loaded, Limits(64, 10_000), CoreBudget(2), lambda _: None, patience=1.0)
    async with Engine([served], Policy(watch_seconds=0.05)) as door:
        hung = asyncio.create_task(door.embed(["!"]))
        await until(lambda: served.running == 1)
        for number in range(5):
            assert (await asyncio.wait_for(door.embed([f"text {number}"]), 0.5)).tokens == 6
        assert not hung.done()
        assert isinstance((await asyncio.gather(hung, return_exceptions=True))[0], Unavailable)
        await until(lambda: bool(opened))
        kept = [one.session for one in replicas if one.session in sessions]
        assert len(kept) == len(opened) == 1
        assert {id(one.session) for one in replicas} == {id(kept[0]), id(opened[0])}
        await until(lambda: door.ready)
        await door.embed(["more"])
        assert (served.abandoned, served.replicas, door.beyond_repair) == (1, 2, False)


async def test_runners_of_a_session_that_hung_move_to_the_fresh_one() -> None:
    gate = Event()
    fresh = FakeSession(gate=gate)
    bid = Bid(1, "float32", "a fake", runners=2)
    replica = Replica(HangingSession(), bid, lambda: fresh)
    loaded = Loaded(card(), FakeTokenizer(), "fake", bid, [replica])
    served = Served.start(loaded, Limits(8, 10_000), CoreBudget(2), lambda _: None, patience=0.2)
    async with Engine([served], Policy(watch_seconds=0.05)) as door:
        await asyncio.gather(door.embed(["!"]), return_exceptions=True)
        await until(lambda: replica.session is fresh and door.ready)
        jobs = [served.lane.submit([encoding(8)], frozenset({"embedding"})) for _ in range(2)]
        await until(lambda: len(fresh.batches) == 2)
        gate.set()
        await asyncio.gather(*(asyncio.wrap_future(job.future) for job in jobs))


class LostSession(FakeSession):
    """Its device is lost under two batches; the second learns of it when `late` is set."""

    def __init__(self, late: Event) -> None:
        super().__init__()
        self.late = late

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        self.batches.append(batch)
        second = len(self.batches) == 2
        while len(self.batches) < 2:
            time.sleep(0.001)
        if second:
            assert self.late.wait(10)
        raise DeviceLost("unspecified launch failure")


@pytest.mark.parametrize("late", [False, True], ids=["both at once", "one after the other"])
async def test_a_device_lost_under_two_runners_is_lost_once(late: bool) -> None:
    gate, fresh = Event(), FakeSession()
    bid = Bid(1, "float32", "a fake", runners=2)
    replica = Replica(LostSession(gate), bid, lambda: fresh)
    loaded = Loaded(card(), FakeTokenizer(), "fake", bid, [replica])
    served = Served.start(loaded, Limits(8, 10_000), CoreBudget(2), lambda _: None)
    if not late:
        gate.set()
    async with Engine([served], Policy(watch_seconds=0.05)) as door:
        asked = [asyncio.create_task(door.embed([letter * 8])) for letter in "ab"]
        await until(lambda: replica.session is fresh)
        gate.set()
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(one) for one in told] == [Unavailable, Unavailable]
        await asyncio.sleep(0.15)  # the watch looks again
        assert all(runner.at_work for runner in served.runners)
        assert (served.abandoned, len(served.runners), door.beyond_repair) == (1, 2, False)
        assert (await door.embed(["more"])).tokens == 4
