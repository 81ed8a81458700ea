"""The load client: every request sent once and accounted for, whatever the server does."""

import asyncio
import time

import numpy as np
import pytest

from vectord.bench.decode import NoVector, first_vector, whole
from vectord.bench.load import Done, Load, Schedule
from vectord.bench.target import Target
from vectord.bench.workload import Call

from .fakes import Answers, HangsUp, InChunks, Leaves, Refuses, fake, vector

CALLS = [Call((f"text {number}",)) for number in range(30)]


def drive(kind: type[Answers], schedule: Schedule, path: str = "/v1/embeddings") -> tuple[Done, list[object]]:
    with fake(kind) as (port, seen):
        target = Target.parse(f"http://127.0.0.1:{port}{path}")
        requests = [target.sent(call) for call in CALLS]
        done = asyncio.run(Load(target, requests, schedule, frozenset(range(len(CALLS)))).run())
    return done, seen


@pytest.mark.parametrize("path", ["/v1/embeddings", "/embed"])
@pytest.mark.parametrize("kind", [Answers, InChunks, Leaves])
def test_each_request_is_sent_once_and_its_answer_is_kept(kind: type[Answers], path: str) -> None:
    done, seen = drive(kind, Schedule(4), path)
    assert len(seen) == len(done.latency) == len(CALLS)
    assert not done.failed
    for number, call in enumerate(CALLS):
        assert np.array_equal(first_vector(whole(*done.kept[number])), vector(call.texts[0]))


@pytest.mark.parametrize(("kind", "reason"), [(Refuses, "status 429"), (HangsUp, "connection closed")])
def test_what_fails_is_counted_and_the_rest_is_sent(kind: type[Answers], reason: str) -> None:
    done, seen = drive(kind, Schedule(1))
    assert len(seen) == len(CALLS)
    assert dict(done.failed) == {reason: 10}
    assert len(done.latency) == 20


def test_bursts_leave_on_time_whatever_was_answered() -> None:
    start = time.perf_counter()
    done, seen = drive(Answers, Schedule(1, burst=10, period=0.2))
    assert len(seen) == len(done.latency) == 30
    assert time.perf_counter() - start >= 0.4


def test_no_request_is_begun_after_its_time() -> None:
    done, seen = drive(Answers, Schedule(1, burst=10, period=0.5, seconds=0.7))
    assert len(seen) == len(done.latency) == 20
    assert not done.failed


def test_a_server_that_is_not_there_is_an_error() -> None:
    target = Target.parse("http://127.0.0.1:9")
    with pytest.raises(OSError, match=r"refused|Connect"):
        asyncio.run(Load(target, [target.sent(CALLS[0])], Schedule(1)).run())


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"data": []}', b'{"data": [{"embedding": "x"}]}', b"3"]
)
def test_an_answer_without_a_vector_is_an_error(body: bytes) -> None:
    with pytest.raises(NoVector):
        first_vector(body)
