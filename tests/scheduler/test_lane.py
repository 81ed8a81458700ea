"""The queue of one model: order, fairness, bounds, and items of clients that left."""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from contextlib import suppress
from threading import Barrier, BrokenBarrierError, Event, Thread

import numpy as np
import pytest
from numpy.typing import NDArray

from vectord.core import Arrays, Batch, Encoding, Output
from vectord.errors import BackendFailed, Overloaded, Unavailable
from vectord.scheduler import CoreBudget, Finished, Limits
from vectord.scheduler.job import Job
from vectord.scheduler.lane import Lane
from vectord.scheduler.limits import Load
from vectord.scheduler.pieces import Pieces, rows

from .fakes import FakeSession, encoding, serve

LIMITS = Limits(batch_tokens=64, waiting_tokens=1000)
EMBEDDING: frozenset[Output] = frozenset({"embedding"})


def submit(lane: Lane, encodings: Sequence[Encoding]) -> Job:
    return lane.submit(encodings, EMBEDDING)


def rows_of(future: Future[list[Pieces]]) -> NDArray[np.float32]:
    return rows(future.result(10), "embedding")


def test_rows_come_in_the_asked_order_whatever_ran_first() -> None:
    served = serve(FakeSession(), runners=3)
    jobs = [[encoding(1 + (7 * a + 3 * b) % 60, mark=100 * a + b) for b in range(40)] for a in range(5)]
    futures = [submit(served.lane, job).future for job in jobs]
    for a, future in enumerate(futures):
        assert rows_of(future)[:, 2].tolist() == [100 * a + b for b in range(40)]
    served.close()


def test_a_short_query_overtakes_a_request_of_many_inputs() -> None:
    lane = Lane(Limits(64, 10**9))
    submit(lane, [encoding(30) for _ in range(2048)])
    for _ in range(10):
        assert lane.take()
    query = submit(lane, [encoding(30, mark=9)])
    assert any(query is job for item in lane.take() for job, _ in item.takers)


def test_a_query_comes_next_however_many_large_requests_wait() -> None:
    lane = Lane(Limits(64, 10**9))
    for requests in range(1, 5):
        submit(lane, [encoding(8 + (7 * index) % 50) for index in range(2048)])
        for _ in range(40 * requests):
            assert lane.take()
        query = submit(lane, [encoding(20, mark=9)])
        first_two = lane.take() + lane.take()
        assert any(query is job for item in first_two for job, _ in item.takers)


def test_a_stream_of_queries_does_not_starve_a_large_request() -> None:
    lane = Lane(Limits(64, 10**9))
    large = submit(lane, [encoding(30) for _ in range(60)])
    for _ in range(300):
        while lane.waiting < 4:  # always more queries than a batch holds
            submit(lane, [encoding(30, mark=9)])
        lane.take()
    assert large.waiting == 0


def test_two_large_requests_share_the_lane() -> None:
    lane = Lane(Limits(64, 10**9))
    jobs = [submit(lane, [encoding(32) for _ in range(200)]) for _ in range(2)]
    owners = [jobs.index(item.takers[0][0]) for _ in range(40) for item in lane.take()]
    assert 0.3 < owners.count(0) / len(owners) < 0.7


def test_equal_requests_that_come_together_end_one_by_one() -> None:
    lane = Lane(Limits(64, 10**9))
    jobs = [submit(lane, [encoding(8) for _ in range(8)]) for _ in range(20)]
    ends = []
    while lane.load.waiting:
        lane.take()
        ends.append(sum(not job.waiting for job in jobs))
    assert ends == list(range(1, 21))
    assert lane.ends() == sorted(lane.ends())


def test_the_first_of_many_is_foreseen_long_before_the_last() -> None:
    lane = Lane(Limits(64, 10**9), [(8, 8, 0.01)])
    for _ in range(20):
        submit(lane, [encoding(8) for _ in range(8)])
    ends = lane.ends()
    assert len(ends) == 20
    assert np.allclose(np.diff(ends), ends[1] - ends[0])
    assert ends[1] > ends[0]
    lane.take()
    assert len(lane.ends()) == 20  # what runs is still to be answered
    assert lane.ends()[-1] < ends[-1]


def test_waiting_work_is_bounded_in_tokens_but_an_idle_lane_takes_any_request() -> None:
    lane = Lane(LIMITS)
    submit(lane, [encoding(500) for _ in range(10)])
    with pytest.raises(Overloaded) as refusal:
        submit(lane, [encoding(1)])
    assert refusal.value.retry_after > 0
    lane.take()


def test_only_the_poisonous_input_fails() -> None:
    session, seen = FakeSession(), list[Finished]()
    gate = session.gate = Event()
    session.poison = lambda ids: ids[0] == 13
    served = serve(session, seen=seen)
    submit(served.lane, [encoding(4)])
    assert session.started.wait(5)
    jobs = [submit(served.lane, [encoding(4, mark=mark)]) for mark in range(10, 18)]
    gate.set()
    for mark, job in zip(range(10, 18), jobs, strict=True):
        if mark == 13:
            with pytest.raises(BackendFailed):
                job.future.result(5)
        else:
            assert rows_of(job.future)[0, 2] == mark
    assert served.ready
    served.close()


def test_a_nan_fails_its_own_input_alone() -> None:
    session = FakeSession()
    session.nan = lambda ids: ids[0] == 5
    served = serve(session)
    good, bad = submit(served.lane, [encoding(3, mark=4)]), submit(served.lane, [encoding(3, mark=5)])
    assert rows_of(good.future)[0, 2] == 4
    with pytest.raises(BackendFailed):
        bad.future.result(5)
    served.close()


def test_runners_that_fail_inputs_of_one_request_at_once_live_on() -> None:
    session, step = FakeSession(), Barrier(2)
    session.nan = lambda ids: True
    right = session.run

    def together(batch: Batch, outputs: Collection[Output]) -> Arrays:
        with suppress(BrokenBarrierError):
            step.wait(0.2)
        return right(batch, outputs)

    session.run = together  # type: ignore
    served = serve(session, runners=2, limits=Limits(8, 10_000))
    for _ in range(200):
        with pytest.raises(BackendFailed):
            submit(served.lane, [encoding(8), encoding(8)]).future.result(5)
    assert served.ready
    served.close()


def test_an_outcome_is_set_once_whoever_comes() -> None:
    for _ in range(300):
        job, start, wrong = Job([encoding(1)], EMBEDDING), Barrier(3), list[BaseException]()

        def end(
            act: Callable[[], object], start: Barrier = start, wrong: list[BaseException] = wrong
        ) -> None:
            start.wait(5)
            try:
                act()
            except BaseException as error:
                wrong.append(error)

        acts = (
            lambda job=job: job.fail(ValueError()),
            lambda job=job: job.fail(KeyError()),
            job.future.cancel,
        )
        threads = [Thread(target=end, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        assert job.future.done()


class Panic(BaseException):
    """What a compiled library raises: no `Exception`."""


@pytest.mark.parametrize("kind", [RuntimeError, Panic])
@pytest.mark.parametrize("place", ["take", "settle", "observe", "run"])
def test_a_bug_fails_the_inputs_at_hand_and_not_the_runner(
    place: str, kind: type[BaseException], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed = Event()

    def fail(*_: object) -> None:
        failed.set()
        raise kind("a bug")

    session = FakeSession()
    served = serve(session)
    targets = {"take": Lane, "settle": Lane, "observe": served.runners[0], "run": session}
    with monkeypatch.context() as patch:
        patch.setattr(targets[place], "_observe" if place == "observe" else place, fail)
        job = submit(served.lane, [encoding(8), encoding(9)])
        if place == "observe":  # the rows were there already
            assert len(job.future.result(5)) == 2
        else:
            with pytest.raises(BackendFailed):
                job.future.result(5)
        assert failed.wait(5)
    assert len(submit(served.lane, [encoding(8)]).future.result(5)) == 1
    assert served.ready
    assert place == "run" or "Traceback" in caplog.text
    assert (served.waiting, served.running, served.lane.wait_seconds) == (0, 0, 0)
    served.close()


def test_a_wrong_number_of_rows_is_a_failure_not_a_mix_up() -> None:
    session = FakeSession()
    right = session.run
    session.run = lambda batch, outputs: {"embedding": right(batch, outputs)["embedding"][:0]}  # type: ignore
    served = serve(session)
    with pytest.raises(BackendFailed):
        submit(served.lane, [encoding(3)]).future.result(5)
    served.close()


def test_closing_fails_what_waits() -> None:
    lane = Lane(LIMITS)
    job = submit(lane, [encoding(3)])
    lane.close()
    with pytest.raises(Unavailable):
        job.future.result(1)
    with pytest.raises(Unavailable):
        submit(lane, [encoding(3)])


def test_two_models_never_hold_more_cores_than_there_are() -> None:
    gate, cores = Event(), CoreBudget(1)
    sessions = [FakeSession(gate=gate), FakeSession(gate=gate)]
    served = [serve(session, cores=cores) for session in sessions]
    jobs = [submit(one.lane, [encoding(3)]) for one in served]
    assert sessions[0].started.wait(5) or sessions[1].started.wait(5)
    assert sum(session.started.wait(0.1) for session in sessions) == 1
    gate.set()
    for job in jobs:
        job.future.result(5)
    for one in served:
        one.close()


def test_the_load_counts_inputs_and_the_share_of_the_bound() -> None:
    lane = Lane(LIMITS)
    job = submit(lane, [encoding(50), encoding(30, 2), encoding(20, 3)])
    assert lane.load == Load(waiting=3, pending=3, share=0.1)
    [item] = lane.take()
    assert (lane.load.waiting, lane.load.pending) == (2, 3)
    lane.settle([item], [{"embedding": np.zeros(1, np.float32)}])
    assert (lane.load.waiting, lane.load.pending) == (2, 2)
    job.future.cancel()
    assert lane.load == Load(0, 0, 0.0)


@pytest.mark.parametrize(("limits", "most"), [(LIMITS, 64), (Limits(64, 1, 8), 32), (Limits(10**6, 1), 512)])
def test_the_most_inputs_in_a_batch(limits: Limits, most: int) -> None:
    assert limits.batch_inputs == most


def test_observers_learn_of_real_and_padded_tokens() -> None:
    seen: list[Finished] = []
    served = serve(FakeSession(), seen=seen)
    submit(served.lane, [encoding(10), encoding(8)]).future.result(5)
    served.close()
    assert sum(done.tokens for done in seen) == 18
    assert all(done.padded_tokens >= done.tokens and done.seconds >= 0 for done in seen)
