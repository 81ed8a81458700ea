"""The scaling loop: a real Prometheus scrapes pods, and the ScaledObject's own query on it sets their number.

Time runs `SPEED` times as fast as the manifests say, so that minutes fit in a test: the scrape interval, the
autoscaler's period and its windows are shorter by that. A pod's start, its probes, HAProxy's times, and the
seconds that Prometheus takes to find new pods are what they are; DNS and a pod's leaving are a bit shorter.
"""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread

from tests.helm.rendering import NAMESPACE, objects
from tests.plugins.installed import install

from .cluster import Cluster, await_that
from .crowd import Crowd
from .hpa import PERIOD, Hpa
from .kubelet import free_ports
from .programs import packaged_model
from .prometheus import Prometheus, scraping
from .scrape import targets
from .store import Object

SPEED = 15
SLOW = Path(__file__).with_name("slow.py")
LOOK = 0.1  # seconds between looks at which pods there are
SERVICE, PROXY = "rel-vectord-default", "rel-vectord-haproxy"
# seconds, in place of 5 and 10; HAProxy asks DNS every second, and a pod must not stop before it is forgotten
DNS_DELAY, PRE_STOP = 1.0, 4
LEAST, MOST = 1, 8
INFLIGHT = 8  # for each replica
FEW, MANY = 4, 34  # clients, each with one request in flight
NEEDED = math.ceil(MANY / INFLIGHT)


@dataclass(frozen=True)
class Moment:
    """What was there at one decision; `seconds` are the manifests', `held` is what the query gave."""

    seconds: float
    clients: int
    held: float | None
    wanted: int
    serving: int
    answered: int


@dataclass
class Loop:
    """A release under its autoscaler; `moments` grows by one with each decision."""

    cluster: Cluster
    prometheus: Prometheus
    crowd: Crowd
    hpa: Hpa
    query: str
    services: list[Object]
    moments: list[Moment] = field(default_factory=list)
    _end: Event = field(default_factory=Event)
    _start: float = field(default_factory=time.monotonic)

    @property
    def now(self) -> float:
        """Seconds of the manifests since the beginning."""
        return (time.monotonic() - self._start) * SPEED

    def run(self) -> None:
        """Decide, period by period, until ended."""
        due = 0.0
        while not self._end.wait(LOOK):
            self.prometheus.scrape(targets(self.services, self.cluster.deployments[SERVICE].staying))
            if self.now >= due:
                due = self.now + PERIOD
                self.decide()

    def decide(self) -> None:
        """Ask the query and scale by it."""
        held = self.prometheus.single(self.query)
        wanted = self.hpa.decide(self.now, self.cluster.deployments[SERVICE].replicas, held)
        self.cluster.scale(SERVICE, wanted)
        serving = len(self.cluster.endpoints(SERVICE))
        self.moments.append(Moment(self.now, self.crowd.size, held, wanted, serving, self.crowd.answered))

    def step(self, clients: int, replicas: int, patience: float, stay: float) -> None:
        """Let so many clients ask until so many pods serve and no other is there; then stay at that.

        Times are the manifests' seconds. Raises `AssertionError` when it takes longer than `patience`.
        """
        self.crowd.resize(clients)
        deployment = self.cluster.deployments[SERVICE]
        there = lambda: deployment.settled and deployment.replicas == replicas  # noqa: E731
        await_that(there, patience / SPEED, self.told)
        time.sleep(stay / SPEED)

    def told(self) -> str:
        """Return the course of things, for a test that failed."""
        return "\n".join([*map(str, self.moments), self.cluster.told()])

    def end(self) -> None:
        """Decide no more."""
        self._end.set()


def course(loop: Loop) -> None:
    """Few clients, then many, then few again; each level long enough for the windows to pass."""
    loop.step(FEW, LEAST, patience=60, stay=90)
    loop.step(MANY, NEEDED, patience=450, stay=240)
    loop.step(FEW, LEAST, patience=450, stay=90)


def values(plugins: Path, ports: list[int], nameserver: str) -> Object:
    """Return the release's values: a pool of the slow backend, scaled by KEDA, behind HAProxy."""
    server, metrics, proxy, about = ports
    pool = {
        "models": [{"id": "/models", "names": ["mini"]}],
        "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
        "settings": {"backend": "slow"},
        "extraEnv": [{"name": "PYTHONPATH", "value": "/plugins"}],
        "extraVolumes": [{"name": "plugins", "hostPath": {"path": str(plugins)}}],
        "extraVolumeMounts": [{"name": "plugins", "mountPath": "/plugins"}],
        "autoscaling": {
            "type": "keda", "minReplicas": LEAST, "maxReplicas": MOST, "inflightPerReplica": INFLIGHT,
            "keda": {"serverAddress": "http://prometheus:9090"},
        },
    }  # fmt: skip
    return {
        "pools": {"default": pool},
        "modelCache": {"type": "existingClaim", "existingClaim": "models", "readOnly": True, "offline": True},
        "server": {"port": server},
        "metrics": {"port": metrics, "serviceMonitor": {"enabled": True}},
        "haproxy": {
            "enabled": True, "replicas": 1, "port": proxy, "metricsPort": about, "nameserver": nameserver,
        },
        "probes": {"startup": {"periodSeconds": 1}, "readiness": {"periodSeconds": 1}},
        "shutdown": {"preStopSeconds": PRE_STOP, "drainSeconds": 10},
    }  # fmt: skip


@contextmanager
def looping(folder: Path) -> Iterator[Loop]:
    """Start the release with its least replicas, and scale it from then on."""
    for name in ("prometheus", "plugins"):
        (folder / name).mkdir()
    plugins, ports = install(folder / "plugins", "slow", SLOW.read_text()), free_ports(4)
    claims = {"models": packaged_model()}
    with Cluster(folder / "pods", claims, NAMESPACE, dns_delay=DNS_DELAY) as cluster:
        release: dict[str, list[Object]] = {}
        for one in objects(values(plugins, ports, cluster.dns.nameserver)):
            release.setdefault(one["kind"], []).append(one)
        [scaled], [monitor] = release["ScaledObject"], release["ServiceMonitor"]
        cluster.apply(one for kind in release.values() for one in kind)
        cluster.settle()
        [proxy] = cluster.endpoints(PROXY)
        address = proxy.address, ports[2]
        await_that(lambda: reached(*address), 30, cluster.told)
        interval = float(monitor["spec"]["endpoints"][0]["interval"].removesuffix("s"))
        query = scaled["spec"]["triggers"][0]["metadata"]["query"]
        with (
            scraping(monitor, folder / "prometheus", interval / SPEED) as prometheus,
            Crowd(*address) as crowd,
        ):
            loop = Loop(cluster, prometheus, crowd, Hpa.of(scaled), query, release["Service"])
            with running(loop.run, loop.end):
                yield loop


@contextmanager
def running(work: Callable[[], None], end: Callable[[], None]) -> Iterator[None]:
    """Work in a thread until the block is over."""
    thread = Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        end()
        thread.join()


def reached(host: str, port: int) -> bool:
    """Whether the proxy has found a pod that is ready."""
    client = HTTPConnection(host, port, timeout=10)
    try:
        client.request("GET", "/readyz")
        return client.getresponse().status == 200
    finally:
        client.close()
