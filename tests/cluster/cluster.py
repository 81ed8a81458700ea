"""A cluster on this machine: rendered objects in, processes, endpoints and names out."""

import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

from .deployment import Deployment
from .dns import DELAY, Dns
from .kubelet import Kubelet
from .pod import Pod
from .store import Object, Store

STEP = 0.05  # seconds between looks of the controllers


class Cluster:
    """Deployments by name, what their Services find, and DNS for those Services that are headless.

    Not there: a scheduler, an API, limits on resources, a network that forbids anything.
    """

    def __init__(
        self, folder: Path, claims: Mapping[str, Path], namespace: str, dns_delay: float = DELAY
    ) -> None:
        self.store = Store(claims)
        self.kubelet = Kubelet(folder, self.store, namespace)
        self.dns = Dns(self.kubelet.address(), dns_delay)
        self.deployments: dict[str, Deployment] = {}
        self._services: dict[str, Object] = {}
        self._namespace, self._end = namespace, Event()
        self._thread = Thread(target=self._control, name="controllers", daemon=True)
        self._thread.start()

    def apply(self, objects: Iterable[Object]) -> None:
        """Take over what a release has; what it had before and is named so still is updated."""
        objects = list(objects)
        self.store.keep(objects)
        for one in objects:
            name = one["metadata"]["name"]
            if one["kind"] == "Service":
                self._services[name] = one["spec"]
            elif one["kind"] == "Deployment" and name in self.deployments:
                self.deployments[name].update(one)
            elif one["kind"] == "Deployment":
                self.deployments[name] = Deployment(one, self.kubelet.run)

    def scale(self, name: str, replicas: int) -> None:
        """Ask for so many pods of a Deployment."""
        self.deployments[name].replicas = replicas

    def endpoints(self, service: str) -> list[Pod]:
        """Return the pods that a Service sends requests to now: ready ones that do not leave."""
        selector = self._services[service]["selector"].items()
        return [
            pod
            for deployment in list(self.deployments.values())
            for pod in deployment.pods
            if pod.serves and selector <= pod.labels.items()
        ]

    def settle(self, seconds: float = 60) -> None:
        """Wait until every Deployment has just the pods that it asks for."""
        await_that(lambda: all(one.settled for one in self.deployments.values()), seconds, self.told)

    def told(self) -> str:
        """Return the pods and the ends of their logs, for a test that failed."""
        pods = [pod for one in self.deployments.values() for pod in one.pods]
        return "\n".join(f"{one.name} serves={one.serves} {one.log.read_text()[-600:]}" for one in pods)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()
        for deployment in self.deployments.values():
            for pod in deployment.pods:
                pod.discard()
        self.dns.close()

    def _control(self) -> None:
        while not self._end.wait(STEP):
            for deployment in list(self.deployments.values()):
                deployment.reconcile()
            self.dns.learn(
                {
                    f"{name}.{self._namespace}.svc.cluster.local": tuple(
                        pod.address for pod in self.endpoints(name)
                    )
                    for name, spec in list(self._services.items())
                    if spec.get("clusterIP") == "None"
                }
            )


def await_that(holds: Callable[[], bool], seconds: float, told: Callable[[], str] = str) -> None:
    """Wait until something holds. Raises `AssertionError` with what is told after `seconds`."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, told()
        time.sleep(STEP)
