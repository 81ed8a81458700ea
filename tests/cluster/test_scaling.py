"""Replicas follow the requests in flight, up and down, by the chart's own query on a real Prometheus."""

import statistics
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import pairwise

import pytest

from tests.helm.debian import command
from tests.helm.rendering import NAMESPACE

from .hpa import PERIOD
from .scaling import FEW, INFLIGHT, LEAST, MANY, NEEDED, SERVICE, SPEED, Loop, Moment, course, looping

PROMETHEUS, PROMTOOL = command("prometheus"), command("promtool")
WINDOW = 180.0  # seconds in which the chart lets no pod go that was asked for

pytestmark = [
    pytest.mark.timeout(200),
    pytest.mark.skipif(PROMETHEUS is None or PROMTOOL is None, reason="no prometheus"),
    pytest.mark.skipif(command("haproxy") is None, reason="no haproxy"),
]


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    with looping(tmp_path_factory.mktemp("scaling")) as loop:
        course(loop)
        yield loop


def turns(loop: Loop) -> tuple[float, float]:
    """Return when the many came, and when they left."""
    many = [one.seconds for one in loop.moments if one.clients == MANY]
    return many[0], many[-1]


def rate(moments: list[Moment]) -> float:
    """Return answers in a real second."""
    first, last = moments[0], moments[-1]
    return SPEED * (last.answered - first.answered) / (last.seconds - first.seconds)


def test_as_many_pods_come_as_the_requests_in_flight_ask_for(loop: Loop) -> None:
    came, _ = turns(loop)
    assert {one.wanted for one in loop.moments if one.seconds < came} == {LEAST}
    assert max(one.wanted for one in loop.moments) == NEEDED
    # two scrapes and two decisions of 15 s, for what they just missed, and half as much for a busy machine
    assert min(one.seconds for one in loop.moments if one.wanted == NEEDED) < came + 90


def test_each_request_counts_once(loop: Loop) -> None:
    held = [one.held for one in loop.moments if one.clients == MANY and one.serving == NEEDED and one.held]
    # pods are scraped one after the other, so that a request may be seen in two of them, or in none
    assert 0.8 * MANY < statistics.median(held) < 1.2 * MANY


def test_pods_go_after_the_window_and_not_before(loop: Loop) -> None:
    _, left = turns(loop)
    needed = max(one.seconds for one in loop.moments if (one.held or 0) > INFLIGHT * (NEEDED - 1))
    fewer = [one for one in loop.moments if one.seconds > left and one.wanted < NEEDED]
    last = min(one.seconds for one in fewer if one.wanted == LEAST)
    assert fewer[0].seconds > needed + WINDOW - PERIOD
    assert last < left + WINDOW + 8 * PERIOD
    assert loop.moments[-1].serving == loop.moments[-1].wanted == LEAST


def test_the_count_goes_up_once_and_down_once(loop: Loop) -> None:
    counts = [one.wanted for one in loop.moments]
    changes = [after - before for before, after in pairwise(counts) if after != before]
    assert changes == sorted(changes, key=lambda change: change < 0), counts


def test_no_request_fails_while_pods_come_and_go(loop: Loop) -> None:
    assert loop.crowd.failed == []
    assert loop.crowd.answered > 500


def test_more_pods_answer_more(loop: Loop) -> None:
    came, _ = turns(loop)
    alone = [one for one in loop.moments if one.clients == FEW and one.seconds < came]
    together = [one for one in loop.moments if one.clients == MANY and one.serving == NEEDED]
    assert rate(together) > 2 * rate(alone)


def test_each_pod_is_scraped_once_and_named_as_in_a_cluster(loop: Loop) -> None:
    series = [labels for labels, _ in loop.prometheus.vector("last_over_time(vectord_requests_running[1h])")]
    pods = [labels["pod"] for labels in series]
    assert len(pods) == len(set(pods)) == NEEDED
    for labels in series:
        named = {name: labels[name] for name in labels.keys() - {"__name__", "pod", "instance"}}
        assert named == {
            "namespace": NAMESPACE, "service": SERVICE, "container": "vectord", "endpoint": "metrics",
            "job": SERVICE, "vectord_pool": "default", "model": "mini",
        }  # fmt: skip


def test_promtool_has_nothing_to_say_of_the_metrics(loop: Loop) -> None:
    [(target, _)] = loop.prometheus.vector("up == 1")
    client = HTTPConnection(target["instance"], timeout=10)
    client.request("GET", "/metrics")
    text = client.getresponse().read()
    client.close()
    assert PROMTOOL
    done = subprocess.run([*PROMTOOL, "check", "metrics"], input=text, capture_output=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert text.count(b"# HELP") > 15
