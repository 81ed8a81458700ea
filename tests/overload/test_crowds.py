"""More clients than a server admits: `pytest -m slow -s tests/overload` shows the figures.

The model sleeps, so that what else the machine does matters little. Latencies and CPU time are allowed what
other work on the machine adds.
"""

import itertools
from collections.abc import Iterator

import psutil
import pytest

from tests.server import Server

from .client import Client, Exchange, Lateness, Manner, answered, drive, percentile, slowed, texts
from .conftest import Serve

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TOKEN_SECONDS = 2e-5
SECONDS = 16.0
BODIES = [texts(32, 2) for _ in range(4000)]
FULL_SPEED = 0.95


def crowd(server: Server, count: int, manner: Manner = "obeys") -> list[Client]:
    bodies = itertools.cycle(BODIES)
    return [Client(server.port, bodies.__next__, manner) for _ in range(count)]


def rate(clients: list[Client], since: float, until: float) -> float:
    """Return the answers a second in a span of time."""
    return sum(since <= one.ended < until for one in answered(clients)) / (until - since)


def told_and_true(clients: list[Client]) -> Iterator[tuple[float, float]]:
    """Yield what a client was told when it was first refused, and after how long it was admitted."""
    for client in clients:
        first: Exchange | None = None
        for one in client.done:
            if one.status == 429:
                first = first or one
            elif first is not None:
                yield first.told, one.began - first.ended
                first = None


def honest(clients: list[Client]) -> float:
    """Return the share of refusals whose time was within a factor of two of the true one."""
    pairs = list(told_and_true(clients))
    assert len(pairs) >= 50
    return sum(told / 2 <= true <= 2 * told for told, true in pairs) / len(pairs)


def peak_of(server: Server) -> float:
    """Return the requests a second of as many clients as fill the server and find room all the time."""
    few = crowd(server, 64)
    began = drive(few, 8)
    assert not answered(few, 429)
    return rate(few, began + 2, began + 8)


def test_clients_that_come_back_as_told_cost_no_speed(serve: Serve) -> None:
    with serve(TOKEN_SECONDS) as server:
        before = peak_of(server)
        many, probes, late = crowd(server, 600), crowd(server, 40, "probes"), Lateness()
        began = drive([*many, *probes, late], SECONDS)
        peak = (before + peak_of(server)) / 2
    settled = began + SECONDS / 2
    reached = rate([*many, *probes], settled, began + SECONDS)
    refusals = [one.seconds for one in answered([*many, *probes], 429) if one.began >= settled]
    p99, own = percentile(refusals, 0.99), percentile(late.seconds, 0.99)
    print(
        f"\n64 connections {peak:.0f} requests/s; 640 {reached:.0f}, ratio {reached / peak:.2f}; refusals "
        f"p50 {1000 * percentile(refusals, 0.5):.0f} ms, p99 {1000 * p99:.0f} ms, this process itself "
        f"{1000 * own:.0f} ms late; told within a factor of two: {honest(many):.0%} of those that obeyed, "
        f"{honest(probes):.0%} of those that tried on"
    )
    assert reached >= FULL_SPEED * peak
    assert p99 < 0.05 * slowed() + own
    assert honest([*many, *probes]) >= 0.9


def test_clients_that_come_back_at_once_cost_little_and_only_while_they_are_there(serve: Serve) -> None:
    with serve(TOKEN_SECONDS, "--max-concurrent-requests", "128") as server:
        process = psutil.Process(server.process.pid)
        first = crowd(server, 64)
        start = process.cpu_times()
        began = drive(first, 6)
        middle = process.cpu_times()
        peak = rate(first, began + 1, began + 6)
        work, hammers = crowd(server, 128), crowd(server, 64, "ignores")
        drive([*work, *hammers], 6)
        end = process.cpu_times()
        last = crowd(server, 64)
        began = drive(last, 4)
        back = rate(last, began + 1, began + 4)
    refused = len(answered([*work, *hammers], 429))
    # what the work itself cost is what it cost before, by the answer
    of_work = spent(start, middle) / len(answered(first)) * len(answered([*work, *hammers]))
    each = (spent(middle, end) - of_work) / refused
    print(
        f"\n{refused / 6:.0f} refusals a second at {1000 * each:.3f} ms of CPU each; full speed is "
        f"{peak:.0f} requests/s, a second after the crowd left {back:.0f}"
    )
    assert each <= 0.0002 * min(1.5, slowed())
    assert back >= 0.9 * peak


def spent(before: psutil._ntuples.pcputimes, after: psutil._ntuples.pcputimes) -> float:
    """Return the seconds of CPU between two readings."""
    return float(after.user + after.system - before.user - before.system)
