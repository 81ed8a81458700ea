"""8 bits over fakes: one scale however many ask, inputs that run alone, tokens that are the request's own."""

import asyncio
import time
from threading import Event

import numpy as np
import pytest

from vectord.errors import BackendFailed, DeadlinePassed
from vectord.scheduler import Engine, Limits, Policy, Repeats, Served, measured
from vectord.scheduler.precision import LEVELS
from vectord.scheduler.terms import Terms, on_terms

from .fakes import FakeSession, encoding, engine, serve

TEXTS = ["ab", "zz", "calibration"]
POLICY = Policy(calibration=TEXTS)


def opened(session: FakeSession) -> tuple[Engine, Served]:
    served = serve(session, limits=Limits(1000, 10_000))
    return engine(served, policy=POLICY), served


async def test_the_scale_is_that_of_the_built_in_texts() -> None:
    door, served = opened(FakeSession())
    async with door:
        assert served.int8_scale is None
        built_in = (await door.embed(TEXTS)).vectors
        asked = await door.embed(["other"], precisions=["int8"])
        assert asked.scale == served.int8_scale == np.abs(built_in).max() / LEVELS
        assert (await door.embed(["other"])).scale is None


async def test_each_size_and_raw_vectors_have_a_scale_of_their_own_from_one_run() -> None:
    session = FakeSession()
    door, _ = opened(session)
    async with door:
        whole = await door.embed(["other"], precisions=["uint8"])
        ran = len(session.batches)
        short = await door.embed(["other"], precisions=["int8"], dimensions=2)
        raw = await door.embed(["other"], precisions=["int8"], normalize=False)
        assert len(session.batches) == ran + 2
        for answer, options in ((short, {"dimensions": 2}), (raw, {"normalize": False})):
            built_in = (await door.embed(TEXTS, **options)).vectors
            assert answer.scale == np.abs(built_in).max() / LEVELS
    assert len({whole.scale, short.scale, raw.scale}) == 3


async def test_requests_that_come_at_once_share_one_run() -> None:
    session = FakeSession()
    door, _ = opened(session)
    async with door:
        found = await asyncio.gather(*(door.embed(["x"], precisions=["int8"]) for _ in range(5)))
        assert len({one.scale for one in found}) == 1
        assert sum(batch.tokens == len("calibration") for batch in session.batches) == 1


async def test_a_request_that_is_given_up_leaves_the_run_to_the_others() -> None:
    gate = Event()
    door, _ = opened(FakeSession(gate=gate))
    async with door:
        first = asyncio.create_task(door.embed(["x"], precisions=["int8"]))
        second = asyncio.create_task(door.embed(["y"], precisions=["int8"]))
        await asyncio.sleep(0.01)
        first.cancel()
        gate.set()
        assert (await second).scale is not None
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_a_run_that_failed_is_tried_again() -> None:
    session = FakeSession()
    session.poison = lambda ids: len(ids) == len("calibration")
    door, _ = opened(session)
    async with door:
        with pytest.raises(BackendFailed):
            await door.embed(["x"], precisions=["int8"])
        session.poison = lambda ids: False
        assert (await door.embed(["x"], precisions=["int8"])).scale is not None


async def test_inputs_for_eight_bits_run_alone_and_others_together() -> None:
    session = FakeSession()
    door, _ = opened(session)
    async with door:
        await door.embed(["x"], precisions=["int8"])
        for precision, sizes in (("int8", [1, 1, 1]), ("uint8", [1, 1, 1]), ("float16", [3])):
            session.batches.clear()
            await door.embed(["abc", "de", "fgh"], precisions=[precision])  # type: ignore[list-item]
            assert [len(batch) for batch in session.batches] == sizes


async def test_the_run_for_the_scale_is_nobodys_tokens() -> None:
    door, _ = opened(FakeSession())
    async with door:
        with measured() as phases:
            answer = await door.embed(["abc"], precisions=["int8"])
    assert (phases.tokens, phases.characters, answer.tokens) == (3, 3, 3)


async def test_an_input_that_runs_alone_is_not_one_that_waits_to_run_with_others() -> None:
    gate = Event()
    session = FakeSession(gate=gate)
    served = serve(session, limits=Limits(1000, 10_000))
    async with engine(served, policy=POLICY):
        rows = [encoding(3), encoding(4)]
        first = asyncio.create_task(served.run([encoding(9)], "embedding"))
        await asyncio.to_thread(session.started.wait, 10)
        works = [served.run(rows, "embedding", alone=alone) for alone in (False, True, True)]
        others = [asyncio.create_task(work) for work in works]
        await asyncio.sleep(0.01)
        gate.set()
        await asyncio.gather(first, *others)
        assert sorted(batch.lengths.tolist() for batch in session.batches[1:]) == [[3], [3, 4], [4]]


async def test_what_ran_alone_is_kept_apart_from_what_did_not() -> None:
    session = FakeSession()
    served = serve(session, limits=Limits(1000, 10_000))
    served.repeats = Repeats(100_000)
    async with engine(served, policy=POLICY):
        rows = [encoding(3), encoding(4)]
        for _ in range(2):
            await served.run(rows, "embedding")
            await served.run(rows, "embedding", alone=True)
        assert [batch.lengths.tolist() for batch in session.batches] == [[3, 4], [3], [4]]


async def test_a_request_does_not_wait_for_the_scale_beyond_its_deadline() -> None:
    gate = Event()
    session = FakeSession()
    session.poison = lambda ids: len(ids) == len("calibration") and not gate.wait(10)
    door, _ = opened(session)
    async with door:
        with on_terms(Terms(time.perf_counter() + 0.2)), pytest.raises(DeadlinePassed):
            await door.embed(["x"], precisions=["int8"])
        gate.set()
        assert (await door.embed(["x"], precisions=["int8"])).scale is not None
