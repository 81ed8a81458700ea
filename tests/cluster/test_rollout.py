"""Pods come and go under steady load, and every request is answered."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.helm.rendering import objects

from .cluster import await_that
from .container import Ending
from .load import Load, steady
from .release import POOL, PROXY, Release

IN_ORDER = Ending(0, forced=False)
NAME = f"rel-vectord-{POOL}"
CLIENTS = 3  # of each kind


@pytest.fixture(scope="module")
def plain(release: Release) -> Iterator[tuple[str, int]]:
    """HAProxy that sends nothing twice, so that what pods lose is seen."""
    proxy, address = release.own_proxy(retryOn=["none"])
    await_that(lambda: proxy.serves, 10)
    yield address
    proxy.discard()


@contextmanager
def all_kinds(release: Release, plain: tuple[str, int]) -> Iterator[dict[str, Load]]:
    """Load the pool in three ways, and for a second more than the block takes."""
    with (
        steady(release.address(), CLIENTS) as shipped,
        steady(plain, CLIENTS) as without_retry,
        steady(release.service, CLIENTS) as service,
    ):
        yield {"shipped": shipped, "without retry": without_retry, "Service alone": service}
        time.sleep(1)


def settled_after(release: Release) -> float:
    """Wait until the pods are those that were asked for; return how long it took."""
    began = time.monotonic()
    release.cluster.settle(100)
    return time.monotonic() - began


def nothing_failed(what: str, seconds: float, loads: dict[str, Load]) -> None:
    """Check that each load had every answer, and print how many."""
    assert {name: load.failed for name, load in loads.items()} == {name: [] for name in loads}
    counts = ", ".join(f"{len(load.outcomes)} {name}" for name, load in loads.items())
    print(f"\n{what} in {seconds:.1f} s: {counts}; none failed")


def test_fewer_pods_answer_every_request(release: Release, plain: tuple[str, int]) -> None:
    before = release.scaled(4).pods()
    with all_kinds(release, plain) as loads:
        release.cluster.scale(NAME, 2)
        took = settled_after(release)
    went = [pod for pod in before if pod.gone.is_set()]
    nothing_failed("4 to 2 pods", took, loads)
    assert [pod.endings[-1] for pod in went] == [IN_ORDER] * 2


def test_another_version_answers_every_request(release: Release, plain: tuple[str, int]) -> None:
    before = release.scaled(2).pods()
    with all_kinds(release, plain) as loads:
        release.cluster.apply(objects(release.values(image={"tag": "v2"}, settings={"cache_mb": 1})))
        took = settled_after(release)
    after = release.pods()
    nothing_failed("v1 to v2", took, loads)
    assert not {pod.name for pod in before} & {pod.name for pod in after}
    assert [pod.template["spec"]["containers"][0]["image"] for pod in after] == ["vectord:v2"] * 2
    assert [pod.endings[-1] for pod in before] == [IN_ORDER] * 2
    assert min(release.served().values()) > 0


def test_another_haproxy_answers_every_request(release: Release) -> None:
    [before] = release.scaled(2).cluster.endpoints(PROXY)
    haproxy = {**release.values()["haproxy"], "requestSeconds": 100}
    changed = [one for one in objects(release.values(haproxy=haproxy)) if one["metadata"]["name"] == PROXY]
    with steady(release.address) as load:
        release.cluster.apply(changed)
        took = settled_after(release)
    nothing_failed("another HAProxy", took, {"shipped": load})
    assert before.endings == [IN_ORDER]
