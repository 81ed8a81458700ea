"""A batch that does not fit in memory runs in halves, and the lane learns how much does."""

import asyncio
from collections.abc import Collection

import numpy as np
import pytest

from vectord.core import Arrays, Batch, Bid, DeviceLost, OutOfMemory, Output
from vectord.errors import BackendFailed, Unavailable
from vectord.scheduler import CoreBudget, Engine, Limits, Loaded, Policy, Replica, Served
from vectord.scheduler.bound import STEPS, Bound

from .fakes import FakeSession, FakeTokenizer, card, engine, serve
from .test_hang import until


class SmallSession(FakeSession):
    """Has memory for so many tokens."""

    def __init__(self, memory: int) -> None:
        super().__init__()
        self.memory = memory

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        arrays = super().run(batch, outputs)
        if batch.tokens > self.memory:
            raise OutOfMemory("no")
        return arrays


async def test_all_are_answered_in_smaller_batches() -> None:
    session = SmallSession(40)
    served = serve(session, limits=Limits(256, 10_000))
    async with engine(served) as door:
        texts = [f"text {number:03}" for number in range(100)]
        for _ in range(3):
            session.batches.clear()
            found = (await door.embed([text + "!" for text in texts])).vectors
            assert found.shape == (100, 4)
            np.testing.assert_array_equal(found[:, 1] > 0, True)
        assert served.lane.batch_tokens <= 64
        assert max(batch.tokens for batch in session.batches) <= 64


async def test_one_input_that_cannot_fit_fails_alone_and_says_why() -> None:
    async with engine(serve(SmallSession(40), limits=Limits(256, 10_000))) as door:
        good = asyncio.create_task(door.embed(["a good text", "another"]))
        with pytest.raises(BackendFailed, match="an input of 50 tokens needs more memory"):
            await door.embed(["w" * 50])
        assert (await good).tokens == 18
        assert (await door.embed(["again"])).tokens == 5


def test_the_bound_is_endless_until_something_does_not_fit() -> None:
    bound = Bound()
    bound.fits(10_000)
    assert bound.tokens == float("inf")
    bound.shrink(1000)
    bound.shrink(3000)  # told late, by another runner
    assert bound.tokens == 500
    bound.shrink(0.5)
    assert bound.tokens == 1


def test_the_bound_comes_back_slowly_and_only_by_full_batches() -> None:
    bound = Bound()
    bound.shrink(1000)
    for _ in range(STEPS):
        bound.fits(100)
    assert bound.tokens == 500
    for _ in range(STEPS):
        bound.fits(bound.tokens)
    assert bound.tokens == pytest.approx(1000)


class LostSession(FakeSession):
    """Loses its device at an input that begins with `!`, and cannot be closed then."""

    lost = False

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        self.lost = self.lost or ord("!") in batch.token_ids
        if self.lost:
            raise DeviceLost("no more")
        return super().run(batch, outputs)

    def close(self) -> None:
        if self.lost:
            raise RuntimeError("it is lost")


@pytest.mark.parametrize("again", [True, False])
async def test_a_lost_session_is_replaced_or_the_other_goes_on(again: bool) -> None:
    bid = Bid(1, "float32", "a fake")
    replicas = [Replica(LostSession(), bid, LostSession if again else None) for _ in range(2)]
    loaded = Loaded(card(), FakeTokenizer(), "fake", bid, replicas)
    served = Served.start(loaded, Limits(64, 10_000), CoreBudget(2), lambda _: None)
    async with Engine([served], Policy(watch_seconds=0.02)) as door:
        with pytest.raises(Unavailable, match="lost"):
            await door.embed(["!"])
        await until(lambda: served.abandoned == 1 and sum(one.at_work for one in served.runners) == 1 + again)
        await until(lambda: door.beyond_repair is not again)
        for number in range(20):
            assert (await door.embed([f"text {number:02}"])).tokens == 7
        assert door.ready
