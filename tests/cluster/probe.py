"""A probe as its spec says: how often, how long, how many times."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

from .container import Container
from .store import Object


@dataclass(frozen=True)
class Probe:
    """What is asked, and Kubernetes' defaults for what the spec leaves out; seconds, and times in a row."""

    asked: Object
    delay: float
    period: float
    timeout: float
    successes: int
    failures: int

    @classmethod
    def of(cls, spec: Object) -> "Probe":
        """Return the probe of a spec."""
        return cls(
            spec, spec.get("initialDelaySeconds", 0), spec.get("periodSeconds", 10),
            spec.get("timeoutSeconds", 1), spec.get("successThreshold", 1), spec.get("failureThreshold", 3),
        )  # fmt: skip

    def passes(self, container: Container) -> bool:
        """Ask once."""
        match self.asked:
            case {"httpGet": asked}:
                return container.got(asked, self.timeout)
            case {"exec": {"command": words}}:
                return container.ran(words, self.timeout)
            case {"tcpSocket": {"port": port}}:
                return connects(container.address, container.port(port), self.timeout)
        raise NotImplementedError(f"a probe of another kind: {sorted(self.asked)}")

    def watch(self, container: Container, told: Callable[[bool], None], end: Event) -> Thread:
        """Ask again and again in a thread until `end`, and tell what so many answers in a row say."""
        thread = Thread(target=self._watch, args=(container, told, end), daemon=True)
        thread.start()
        return thread

    def _watch(self, container: Container, told: Callable[[bool], None], end: Event) -> None:
        last, in_a_row = None, 0
        end.wait(self.delay)
        while not end.is_set():
            passed = self.passes(container)
            in_a_row = in_a_row + 1 if passed is last else 1
            last = passed
            if in_a_row >= (self.successes if passed else self.failures) and not end.is_set():
                told(passed)
            end.wait(self.period)


def connects(host: str, port: int, seconds: float) -> bool:
    """Return whether somebody listens."""
    try:
        with socket.create_connection((host, port), seconds):
            return True
    except OSError:
        return False
