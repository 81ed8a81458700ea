"""A connection that is kept alive pins one pod at layer 4; HAProxy as it is shipped spreads its requests."""

import subprocess

from .cluster import await_that
from .load import steady
from .probe import connects
from .programs import PYTHON
from .release import Release

LAYER_4 = """
defaults
  timeout connect 2s
  timeout client 60s
  timeout server 60s
listen layer4
  bind "${{ADDRESS}}:{port}"
  balance leastconn
  {servers}
"""
REQUESTS = {1: 120, 8: 400}  # by clients: so many that chance evens out
SHARE_PINNED, SHARE_SPREAD = 0.9, 0.35


HTTP2 = """
import sys
import httpx

with httpx.Client(http1=False, http2=True, base_url=sys.argv[1]) as client:
    for number in range(int(sys.argv[2])):
        answer = client.post("/v1/embeddings", json={"input": f"text {number}"})
        assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
"""


def test_one_http2_connection_reaches_all_pods(release: Release) -> None:
    host, port = release.scaled(4).address()
    before = release.served()
    subprocess.run((PYTHON, "-c", HTTP2, f"http://{host}:{port}", str(REQUESTS[1])), check=True)
    answered = [count - before[name] for name, count in release.served().items()]
    assert sum(answered) == REQUESTS[1]
    assert max(answered) / REQUESTS[1] <= SHARE_SPREAD


def busiest(release: Release, address: tuple[str, int], clients: int) -> float:
    """Return the part of many requests that the busiest pod answered."""
    before = release.served()
    with steady(address, clients) as load:
        await_that(lambda: len(load.outcomes) >= REQUESTS[clients], 60)
    assert not load.failed
    answered = [count - before[name] for name, count in release.served().items()]
    assert sum(answered) == len(load.outcomes)
    share = max(answered) / sum(answered)
    print(f"\n{clients} clients, {len(answered)} pods: the busiest had {share:.0%} of {len(load.outcomes)}")
    return share


def test_layer_4_pins_a_connection_to_a_pod(release: Release) -> None:
    addresses = [pod.address for pod in release.scaled(4).pods()]
    servers = "\n  ".join(f"server pod-{one} {one}:{release.port}" for one in addresses)
    proxy, address = release.own_proxy(LAYER_4.format(port=release.address()[1], servers=servers))
    await_that(lambda: connects(*address, 1), 10)
    assert busiest(release, address, clients=1) >= SHARE_PINNED
    proxy.discard()


def test_one_client_reaches_all_pods(release: Release) -> None:
    assert busiest(release, release.scaled(4).address(), clients=1) <= SHARE_SPREAD


def test_many_clients_reach_all_pods_alike(release: Release) -> None:
    assert busiest(release, release.scaled(4).address(), clients=8) <= SHARE_SPREAD
