"""A pod that is killed takes what it has in work with it, unless HAProxy may ask another one."""

import signal
import time

from .cluster import await_that
from .load import Load, steady
from .pod import Pod
from .release import Release

CLIENTS, TEXTS = 6, 4  # so few that a pod with two in work gets no third
STEADY = 0.5  # seconds until all but the requests of a pod that stands still have moved on


def killed_under_load(release: Release, proxy: Pod, address: tuple[str, int]) -> tuple[Load, float, int]:
    """Kill a pod that has requests in work; return what clients saw, when it was, and how many it had."""
    victim = min(release.pods(), key=lambda pod: pod.restarts)  # a second restart would wait
    before = victim.restarts
    with steady(address, CLIENTS, TEXTS) as load:
        await_that(lambda: len(load.outcomes) > 10 * CLIENTS, 30)
        assert victim.container
        victim.container.process.send_signal(signal.SIGSTOP)  # nothing ends while it is counted
        time.sleep(STEADY)
        held = int(max(release.in_flight(proxy).values()))
        when = time.monotonic()
        victim.kill()
        await_that(lambda: victim.restarts > before and victim.serves, 60, release.cluster.told)
        time.sleep(1)
    print(f"\n{held} of {len(load.outcomes)} requests were in the killed pod; {len(load.failed)} failed")
    return load, when, held


def test_without_a_retry_only_what_it_had_in_work_is_lost(release: Release) -> None:
    release.scaled(4)
    proxy, address = release.own_proxy(retryOn=["conn-failure"])
    await_that(lambda: proxy.serves, 10)
    release.known(proxy, 4)
    load, when, held = killed_under_load(release, proxy, address)
    assert len(load.failed) == held > 0
    assert all(one.began < when <= one.ended for one in load.failed)
    # on a connection that has had an answer HAProxy closes it instead: a client may then ask again unseen
    assert {one.status for one in load.failed} <= {502, 0}
    proxy.discard()


def test_with_the_retry_nothing_is_lost(release: Release) -> None:
    [proxy] = release.scaled(4).cluster.endpoints("rel-vectord-haproxy")
    load, when, held = killed_under_load(release, proxy, release.address())
    assert held > 0
    assert load.failed == []
    over = [one for one in load.outcomes if one.began < when <= one.ended]
    assert len(over) >= held
