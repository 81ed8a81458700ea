"""Pods come and go under steady load, and every request is answered."""

import time

from tests.helm.rendering import objects

from .container import Ending
from .load import steady
from .pod import Pod
from .release import POOL, Release

IN_ORDER = Ending(0, forced=False)
NAME = f"rel-vectord-{POOL}"


def settled_after(release: Release) -> float:
    """Wait until the pods are those that were asked for, and a second more; return how long it took."""
    began = time.monotonic()
    release.cluster.settle(100)
    took = time.monotonic() - began
    time.sleep(1)
    return took


def test_fewer_pods_answer_every_request(release: Release) -> None:
    before = release.scaled(4).pods()
    with steady(release.address()) as load:
        release.cluster.scale(NAME, 2)
        took = settled_after(release)
    went = [pod for pod in before if pod.gone.is_set()]
    assert load.failed == []
    assert [pod.endings[-1] for pod in went] == [IN_ORDER] * 2
    print(f"\n4 to 2 pods in {took:.1f} s, {len(load.outcomes)} requests, {len(load.failed)} failed")


def test_another_version_answers_every_request(release: Release) -> None:
    before: list[Pod] = release.scaled(2).pods()
    values = release.values(image={"tag": "v2"}, settings={"cache_mb": 1})
    with steady(release.address()) as load:
        release.cluster.apply(objects(values))
        took = settled_after(release)
    after = release.pods()
    assert load.failed == []
    assert not {pod.name for pod in before} & {pod.name for pod in after}
    assert [pod.template["spec"]["containers"][0]["image"] for pod in after] == ["vectord:v2"] * 2
    assert [pod.endings[-1] for pod in before] == [IN_ORDER] * 2
    assert min(release.served().values()) > 0
    print(f"\nv1 to v2 in {took:.1f} s, {len(load.outcomes)} requests, {len(load.failed)} failed")
