"""The scaling loop: a real Prometheus scrapes pods, and the ScaledObject's own query on it sets their number.

Time runs `SPEED` times as fast as the manifests say, so that minutes fit in a test: the scrape interval, the
autoscaler's period and its windows are shorter by that. Not shortened: a pod's start, its probes and its
leaving, and the seconds that Prometheus takes to find new pods.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from tests.helm.rendering import NAMESPACE, objects
from tests.plugins.installed import install

from .cluster import Cluster, await_that
from .crowd import Crowd
from .hpa import PERIOD, Hpa
from .programs import packaged_model
from .prometheus import Prometheus, scraping
from .scrape import targets
from .store import Object

SPEED = 15
SLOW = Path(__file__).with_name("slow.py")
LOOK = 0.1  # seconds between looks at which pods there are
SERVICE = "rel-vectord-default"
LEAST, MOST = 1, 8
INFLIGHT = 8  # for each replica
FEW, MANY = 4, 36  # clients, each with one request in flight
NEEDED = math.ceil(MANY / INFLIGHT)
VALUES: Object = {
    "pools": {
        "default": {
            "models": [{"id": "/models", "names": ["mini"]}],
            "resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}},
            "settings": {"backend": "slow"},
            "extraEnv": [{"name": "PYTHONPATH", "value": "/plugins"}],
            "extraVolumes": [{"name": "plugins", "hostPath": {"path": ""}}],
            "extraVolumeMounts": [{"name": "plugins", "mountPath": "/plugins"}],
            "autoscaling": {
                "type": "keda",
                "minReplicas": LEAST,
                "maxReplicas": MOST,
                "inflightPerReplica": INFLIGHT,
                "keda": {"serverAddress": "http://prometheus:9090"},
            },
        }
    },
    "modelCache": {"type": "existingClaim", "existingClaim": "models", "readOnly": True, "offline": True},
    "metrics": {"serviceMonitor": {"enabled": True}},
    "probes": {"startup": {"periodSeconds": 1}, "readiness": {"periodSeconds": 1}},
    "shutdown": {"preStopSeconds": 1, "drainSeconds": 10},
}


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


def values(plugins: Path) -> Object:
    """Return the release's values, with the folder of the slow backend."""
    pool = {
        **VALUES["pools"]["default"],
        "extraVolumes": [{"name": "plugins", "hostPath": {"path": str(plugins)}}],
    }
    return {**VALUES, "pools": {"default": pool}}


@contextmanager
def looping(folder: Path) -> Iterator[Loop]:
    """Start the release with its least replicas, and scale it from then on."""
    for name in ("prometheus", "plugins"):
        (folder / name).mkdir()
    plugins = install(folder / "plugins", "slow", SLOW.read_text())
    release: dict[str, list[Object]] = {}
    for one in objects(values(plugins)):
        release.setdefault(one["kind"], []).append(one)
    [scaled], [monitor] = release["ScaledObject"], release["ServiceMonitor"]
    interval = float(monitor["spec"]["endpoints"][0]["interval"].removesuffix("s"))
    with (
        scraping(monitor, folder / "prometheus", interval / SPEED) as prometheus,
        Cluster(folder / "pods", {"models": packaged_model()}, NAMESPACE) as cluster,
        Crowd(lambda: cluster.endpoints(SERVICE)) as crowd,
    ):
        cluster.apply(one for kind in release.values() for one in kind)
        cluster.settle()
        query = scaled["spec"]["triggers"][0]["metadata"]["query"]
        loop = Loop(cluster, prometheus, crowd, Hpa.of(scaled), query, release["Service"])
        thread = Thread(target=loop.run)
        thread.start()
        try:
            yield loop
        finally:
            loop.end()
            thread.join()
