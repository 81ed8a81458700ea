"""What a container's probes say of it, while it runs."""

from threading import Event

from .container import Container
from .probe import Probe


class Health:
    """Whether a container is ready for requests, and whether it has to be started anew.

    As the kubelet does it: until the startup probe passes no other one asks; without a readiness probe a
    container that started is ready.
    """

    def __init__(self, container: Container) -> None:
        self.ready = False
        self.failed = False
        self._container = container
        self._probes = {
            name: Probe.of(container.spec[name]) for name in container.spec if name.endswith("Probe")
        }
        self._started, self._end, self._leaving = Event(), Event(), Event()
        if startup := self._probes.get("startupProbe"):
            startup.watch(container, self._starting, self._started)
        else:
            self._starting(True)

    def _starting(self, passed: bool) -> None:
        self._started.set()
        if not passed:
            self.failed = True
            return
        if readiness := self._probes.get("readinessProbe"):
            readiness.watch(self._container, self._readiness, self._end)
        else:
            self.ready = True
        if liveness := self._probes.get("livenessProbe"):
            liveness.watch(self._container, self._liveness, self._leaving)

    def _readiness(self, passed: bool) -> None:
        self.ready = passed

    def _liveness(self, passed: bool) -> None:
        self.failed = self.failed or not passed

    def leave(self) -> None:
        """The pod is to go: only readiness is asked for from now on."""
        self._started.set()
        self._leaving.set()

    def end(self) -> None:
        """The container is gone."""
        self.leave()
        self._end.set()
        self.ready = False
