"""Shares of a lane: by key, and less for bulk."""

from collections import Counter

import pytest

from vectord.scheduler import Limits, Terms
from vectord.scheduler.job import Job
from vectord.scheduler.lane import Lane

from .fakes import encoding
from .test_lane import EMBEDDING


def ask(lane: Lane, inputs: int, **terms: object) -> Job:
    return lane.submit([encoding(32) for _ in range(inputs)], EMBEDDING, Terms(**terms))  # type: ignore[arg-type]


def taken(lane: Lane, batches: int) -> Counter[Job]:
    return Counter(job for _ in range(batches) for item in lane.take() for job, _ in item.takers)


def test_a_key_with_many_requests_gets_what_a_key_with_one_gets() -> None:
    lane = Lane(Limits(64, 10**9))
    greedy, modest = list[Job](), ask(lane, 0)
    found, total = 0, 0
    for turn in range(600):
        greedy = [job for job in greedy if job.waiting]
        greedy += [ask(lane, 10, key=0) for _ in range(10 - len(greedy))]
        modest = modest if modest.waiting else ask(lane, 10, key=1)
        if turn >= 300:
            owners = [job for item in lane.take() for job, _ in item.takers]
            found, total = found + owners.count(modest), total + len(owners)
        else:
            lane.take()
    assert 0.4 <= found / total <= 0.7  # each request begins at the front, so one at a time gets more


def test_without_keys_each_request_has_a_share() -> None:
    lane = Lane(Limits(64, 10**9))
    jobs = [ask(lane, 60) for _ in range(5)]
    found = taken(lane, 50)
    assert all(14 <= found[job] <= 26 for job in jobs)


@pytest.mark.parametrize(("inputs", "said"), [(60, True), (200, None)])
def test_bulk_gets_a_quarter_as_it_says_or_by_its_size(inputs: int, said: bool | None) -> None:
    lane = Lane(Limits(64, 10**9))
    bulk, other = ask(lane, inputs, bulk=said), ask(lane, 60, bulk=False)
    found = taken(lane, 20)
    assert 0 < found[bulk] <= found[other] / 2
    assert other.waiting < 40


def test_who_says_so_is_not_bulk_whatever_the_size() -> None:
    lane = Lane(Limits(64, 10**9))
    large, small = ask(lane, 300, bulk=False), ask(lane, 60)
    found = taken(lane, 40)
    assert 0.7 <= found[large] / found[small] <= 1.4


def test_bulk_is_not_starved_by_a_stream_of_queries() -> None:
    lane = Lane(Limits(64, 10**9))
    bulk = ask(lane, 100, bulk=True)
    for _ in range(1600):
        while lane.waiting < 4:
            ask(lane, 1)
        lane.take()
    assert bulk.waiting == 0


def test_shares_go_with_their_jobs() -> None:
    lane = Lane(Limits(64, 10**9))
    for key in (None, 0, 0, 1):
        ask(lane, 3, key=key).future.cancel()
    ask(lane, 2, key=0)
    while lane.take():
        pass
    assert len(lane._shares) == 0


@pytest.mark.parametrize("lines", [20, 200, 600])
def test_bulk_gets_an_eighth_beside_any_number_of_lines(lines: int) -> None:
    lane = Lane(Limits(256, 10**9))
    bulk, waiting = ask(lane, 4000), list[Job]()
    found: Counter[bool] = Counter()
    longest = 0
    for turn in range(400):
        waiting = [job for job in waiting if job.waiting]
        waiting += [ask(lane, 1) for _ in range(lines - len(waiting))]
        owners = [job for item in lane.take() for job, _ in item.takers]
        longest = longest + 1 if bulk not in owners else 0
        if turn >= 100:
            found.update(job is bulk for job in owners)
    assert 0.1 <= found[True] / found.total() <= 0.3
    assert longest <= 16


def test_nothing_is_owed_to_bulk_that_waits_alone() -> None:
    lane = Lane(Limits(64, 10**9))
    ask(lane, 200)
    for _ in range(50):
        lane.take()
    line = ask(lane, 1)
    assert line in [job for item in lane.take() for job, _ in item.takers]
