"""A pod: init containers in turn, then its container, started again whenever it ends, until it is deleted."""

import time
from pathlib import Path
from threading import Event, Thread

from .container import Container, Ending
from .health import Health
from .store import Object, Store
from .variables import Downward
from .volumes import Volumes

TICK = 0.02  # seconds
FIRST_BACK_OFF, LONGEST_BACK_OFF = 10.0, 300.0  # seconds; the first restart is at once


class Pod:
    """Runs in a thread of its own; `deleted` and `gone` are when it was told to go and when it went."""

    def __init__(self, template: Object, me: Downward, folder: Path, store: Store) -> None:
        self.template, self.name, self.address = template, me.name, me.address
        self.labels: dict[str, str] = template["metadata"]["labels"]
        self.endings: list[Ending] = []
        self.log = folder / "log"
        self.deleted, self.gone = Event(), Event()
        self.container: Container | None = None
        self._spec, self._me, self._store = template["spec"], me, store
        self._health: Health | None = None
        folder.mkdir(parents=True)
        self._volumes = Volumes(self._spec, folder / "volumes", store)
        self._thread = Thread(target=self._run, name=me.name, daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether its probes say so; a pod that leaves may still be ready."""
        return self._health is not None and self._health.ready

    @property
    def serves(self) -> bool:
        """Whether Services send requests here."""
        return self.ready and not self.deleted.is_set()

    @property
    def restarts(self) -> int:
        """How often its container ended though nobody deleted the pod."""
        return len(self.endings) - self.gone.is_set()

    def delete(self) -> None:
        """Tell it to go; its grace begins."""
        self.deleted.set()

    def kill(self) -> None:
        """SIGKILL its container, as a crash or the kernel out of memory would."""
        assert self.container, f"{self.name} has not started"
        self.container.kill()

    def discard(self) -> None:
        """Delete it without grace."""
        self.deleted.set()
        while not self.gone.wait(TICK):
            if self.container and self.container.running:
                self.container.kill()

    def _run(self) -> None:
        try:
            if self._initialised():
                while not self.deleted.is_set():
                    self.endings.append(self._lived())
                    self._back_off()
        except (OSError, LookupError, NotImplementedError) as error:
            # it cannot run here; it never gets ready, and its log says why
            self.log.write_text(f"{type(error).__name__}: {error}\n")
            self.deleted.wait()
        finally:
            self.gone.set()

    def _initialised(self) -> bool:
        """Run each init container until it ends well; return whether there is still a pod to start."""
        for spec in self._spec.get("initContainers", ()):
            ending = None
            while not self.deleted.is_set() and (ending is None or ending.status):
                if ending:
                    self.deleted.wait(FIRST_BACK_OFF)
                ending = self._ended(self._start(spec))
        return not self.deleted.is_set()

    def _lived(self) -> Ending:
        """Start the container, and return how it ended."""
        [spec] = self._spec["containers"]
        container = self._start(spec)
        self._health = Health(container)
        try:
            return self._ended(container)
        finally:
            self._health.end()

    def _start(self, spec: Object) -> Container:
        self.container = Container(spec, self._volumes, self._me, self._store, self.log)
        return self.container

    def _ended(self, container: Container) -> Ending:
        """Wait until a container ends by itself, fails its probes or has to go; then stop it in order."""
        while container.running and not self.deleted.is_set() and not (self._health and self._health.failed):
            time.sleep(TICK)
        if not container.running:
            return Ending(container.process.wait(), forced=False)
        if self._health:
            self._health.leave()
        return container.stop(self._spec.get("terminationGracePeriodSeconds", 30))

    def _back_off(self) -> None:
        if len(self.endings) > 1:
            self.deleted.wait(min(FIRST_BACK_OFF * 2 ** (len(self.endings) - 2), LONGEST_BACK_OFF))
