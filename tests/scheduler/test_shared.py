"""Identical inputs that wait at the same time run once."""

import time
from dataclasses import replace
from threading import Event

from vectord.core import Output
from vectord.scheduler import Limits
from vectord.scheduler.lane import Lane

from .fakes import FakeSession, encoding, serve
from .test_lane import rows_of, submit

SPARSE: frozenset[Output] = frozenset({"sparse"})


def test_one_run_answers_all_who_asked() -> None:
    session = FakeSession(gate=Event())
    served = serve(session)
    assert session.gate is not None
    first = submit(served.lane, [encoding(4)])
    assert session.started.wait(5)
    same, other = encoding(8, mark=5), encoding(8, mark=6)
    jobs = [submit(served.lane, [same, other, same]) for _ in range(3)]
    assert served.lane.shared == 7
    session.gate.set()
    for job in jobs:
        assert rows_of(job.future)[:, 2].tolist() == [5, 6, 5]
    first.future.result(5)
    assert sum(len(batch) for batch in session.batches) == 3
    assert (served.waiting, served.running, served.lane.wait_seconds) == (0, 0, 0)
    served.close()


def test_who_leaves_takes_nothing_from_who_stays() -> None:
    lane = Lane(Limits(64, 1000))
    same = encoding(8)
    first, second = submit(lane, [same]), submit(lane, [same, encoding(9)])
    first.future.cancel()
    [taken] = [item for item in lane.take() if len(item.encoding) == 8]
    assert [job for job, _ in taken.takers] == [second]
    second.future.cancel()
    assert lane.wait_seconds == 0


def test_all_gone_means_that_it_does_not_run() -> None:
    lane = Lane(Limits(64, 1000))
    jobs = [submit(lane, [encoding(8)] * 2) for _ in range(2)]
    for job in jobs:
        job.future.cancel()
    assert lane.take() == []
    assert lane.wait_seconds == 0
    assert submit(lane, [jobs[0].encodings[0]]).waiting == 1
    assert len(lane.take()) == 1


def test_other_outputs_of_the_same_input_come_from_the_same_run() -> None:
    lane = Lane(Limits(64, 1000))
    same = encoding(8)
    submit(lane, [same])
    lane.submit([same], SPARSE)
    [item] = lane.take()
    assert item.outputs == {"embedding", "sparse"}


def test_what_a_model_would_answer_otherwise_is_not_the_same() -> None:
    lane = Lane(Limits(640, 1000))
    one = encoding(8)
    submit(
        lane, [one, replace(one, adapter=1), replace(one, unseen=2), replace(one, type_ids=one.type_ids + 1)]
    )
    assert len(lane.take()) == 4


def test_a_more_urgent_taker_moves_the_item_up() -> None:
    lane = Lane(Limits(8, 100_000))
    bulk = [encoding(8) for _ in range(200)]
    submit(lane, bulk)
    submit(lane, [bulk[-1]])
    taken = [item for _ in range(12) for item in lane.take()]
    assert any(item.encoding is bulk[-1] for item in taken)


def test_thousands_that_are_asked_for_again_are_shared_quickly() -> None:
    lane = Lane(Limits(64, 10**9))
    bulk = [encoding(8) for _ in range(4000)]
    submit(lane, bulk)
    start = time.perf_counter()
    submit(lane, bulk[::-1])
    assert time.perf_counter() - start < 0.5  # a wide margin
    assert lane.shared == 4000
    taken: list[int] = []
    while items := lane.take():
        taken += [len(item.takers) for item in items]
    assert taken == [2] * 4000
