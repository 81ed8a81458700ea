"""Several sessions of one model: all draw from one lane, and one that hangs is replaced alone."""

import asyncio
from threading import Event

from vectord.core import Bid
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
