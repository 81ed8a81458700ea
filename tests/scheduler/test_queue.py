"""What becomes of the inputs of clients that left."""

import time
from threading import Event

import pytest

from vectord.errors import Overloaded
from vectord.scheduler import Limits
from vectord.scheduler.lane import Lane

from .fakes import FakeSession, encoding, serve
from .test_lane import LIMITS, rows_of, submit


def test_items_of_a_client_that_left_do_not_run() -> None:
    gate = Event()
    session = FakeSession(gate=gate)
    served = serve(session, limits=Limits(8, 10_000))
    first = submit(served.lane, [encoding(8)])
    assert session.started.wait(5)
    gone = submit(served.lane, [encoding(8, mark=66) for _ in range(5)])
    stays = submit(served.lane, [encoding(8, mark=7)])
    assert gone.future.cancel()
    gate.set()
    assert rows_of(stays.future)[0, 2] == 7
    first.future.result(5)
    assert not any(66 in batch.token_ids for batch in session.batches)
    assert served.lane.wait_seconds == 0
    assert (served.waiting, served.running) == (0, 0)
    served.close()


def test_a_crowd_that_leaves_is_forgotten_at_once() -> None:
    lane = Lane(Limits(64, 10**9))
    jobs = [submit(lane, [encoding(8) for _ in range(32)]) for _ in range(600)]
    stays = submit(lane, [jobs[7].encodings[5], encoding(9)])  # one waits already, for a client that leaves
    began = time.process_time()
    for job in jobs:
        job.future.cancel()
    assert time.process_time() - began < 1  # 0.05; looking through all of it for each took 5
    assert (lane.load.waiting, lane.load.pending, len(lane._shares)) == (2, 2, 1)
    assert [item.takers for item in lane.take()] == [[(stays, 0)], [(stays, 1)]]
    assert not lane.take()
    assert lane.wait_seconds == 0


def test_what_runs_already_is_not_forgotten() -> None:
    lane = Lane(Limits(64, 10**9))
    same = encoding(8)
    leaves, stays = submit(lane, [same, encoding(60)]), submit(lane, [same])
    items = lane.take()
    again = submit(lane, [same])
    leaves.future.cancel()
    assert {job for item in items for job, _ in item.takers} == {leaves, stays}
    assert again.waiting == 1
    assert [item.takers for item in lane.take()] == [[(again, 0)]]


def test_cancelling_what_waits_makes_room() -> None:
    lane = Lane(LIMITS)
    job = submit(lane, [encoding(900)])
    with pytest.raises(Overloaded):
        submit(lane, [encoding(500)])
    job.future.cancel()
    submit(lane, [encoding(500)])
