"""Native code that hangs: its requests fail, a fresh session takes the lane, a second hang is told."""

import asyncio
import ctypes
import time
from collections.abc import Collection
from threading import Event

import pytest

from vectord.core import Arrays, Batch, Bid, Output
from vectord.errors import DeadlinePassed, Overloaded, Unavailable
from vectord.scheduler import CoreBudget, Engine, Limits, Loaded, Policy, Replica, Served, Terms, on_terms

from .fakes import FakeSession, FakeTokenizer, card, engine, serve

HANGS = ord("!")


class HangingSession(FakeSession):
    """Sleeps in native code at an input that begins with `!`, as a runtime that is stuck would."""

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        if HANGS in batch.token_ids:
            ctypes.CDLL(None).sleep(20)
        return super().run(batch, outputs)


def hanging(runners: int = 1, *, again: bool = True) -> Engine:
    bid = Bid(1, "float32", "a fake", runners=runners)
    reopen = HangingSession if again else None
    replicas = [Replica(HangingSession(), bid, reopen)]
    loaded = Loaded(card(), FakeTokenizer(), "fake", bid, replicas)
    served = Served.start(loaded, Limits(64, 10_000), CoreBudget(1), lambda _: None, patience=0.2)
    return Engine([served], Policy(watch_seconds=0.05))


async def until(condition: object) -> None:
    end = time.monotonic() + 10
    while not condition():  # type: ignore[operator]  # a function without arguments
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("runners", [1, 2])
async def test_the_others_go_on(runners: int) -> None:
    async with hanging(runners) as door:
        [served] = door.served
        with pytest.raises(Unavailable, match="restarted"):
            await door.embed(["!"])
        await until(lambda: door.ready)
        assert (await door.embed(["abc"])).tokens == 3
        assert (served.abandoned, served.waiting, served.running) == (1, 0, 0)
        assert not door.beyond_repair
        with pytest.raises(Unavailable):
            await door.embed(["!!"])
        await until(lambda: door.beyond_repair)


async def test_without_a_fresh_session_the_model_is_not_ready() -> None:
    async with hanging(again=False) as door:
        with pytest.raises(Unavailable):
            await door.embed(["!"])
        await until(lambda: door.beyond_repair)
        assert not door.ready


async def test_the_time_that_a_request_gives_is_kept() -> None:
    session = FakeSession(gate=Event())
    async with engine(serve(session)) as door:
        assert session.gate is not None
        with on_terms(Terms(time.perf_counter() + 0.2)), pytest.raises(DeadlinePassed):
            await door.embed(["abc"])
        first = asyncio.create_task(door.embed(["a" * 9]))
        await until(lambda: door.served[0].lane.wait_seconds > 0)
        with on_terms(Terms(time.perf_counter() + 0.05)), pytest.raises(DeadlinePassed):
            await door.embed(["abcd"])
        session.gate.set()
        await first
        assert [batch.tokens for batch in session.batches] == [3, 9]


async def test_a_time_that_cannot_be_kept_is_refused_at_once() -> None:
    async with engine(serve(FakeSession())) as door:
        with on_terms(Terms(time.perf_counter())), pytest.raises(Overloaded) as refused:
            await door.embed(["abc"])
        assert refused.value.retry_after > 0
