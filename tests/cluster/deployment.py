"""A Deployment's controller: as many pods as it asks for, replaced in the order it asks for."""

import hashlib
import json
import math
from collections.abc import Callable
from itertools import count

from .pod import Pod
from .store import Object

Runs = Callable[[Object, str], Pod]


class Deployment:
    """The pods of a Deployment; `reconcile` makes one step, as Kubernetes' own controller does."""

    def __init__(self, spec: Object, runs: Runs) -> None:
        self._runs, self._numbers = runs, count(1)
        self._pods: list[Pod] = []
        self.update(spec)

    def update(self, deployment: Object) -> None:
        """Take another spec; `replicas` stay where it names none, since then something else scales it."""
        self.name: str = deployment["metadata"]["name"]
        spec = deployment["spec"]
        self.replicas: int = spec.get("replicas", getattr(self, "replicas", 1))
        self._template, self._strategy = spec["template"], spec["strategy"]

    @property
    def pods(self) -> list[Pod]:
        """All that are not gone, the oldest first."""
        return [one for one in self._pods if not one.gone.is_set()]

    @property
    def staying(self) -> list[Pod]:
        """Those that nobody deleted."""
        return [one for one in self.pods if not one.deleted.is_set()]

    @property
    def settled(self) -> bool:
        """Whether there are just the pods that it asks for: of its template, ready, and no other."""
        new = [one for one in self.pods if one.serves and one.template == self._template]
        return len(new) == len(self.pods) == self.replicas

    def reconcile(self) -> None:
        """Start and delete what can be started and deleted now."""
        new = [one for one in self.staying if one.template == self._template]
        old = [one for one in self.staying if one.template != self._template]
        if self._strategy["type"] == "Recreate":
            self._delete(old, len(old))
            self._scale(new, self.replicas if len(self.pods) == len(new) else len(new))
            return
        surge, unavailable = self._allowed()
        # what is deleted no longer counts, so that a rollout does not wait for anyone's grace
        room = max(self.replicas + surge - len(old), 0)
        self._scale(new, min(self.replicas, max(room, min(len(new), self.replicas))))
        self._retire(old, self.replicas - unavailable)

    def _allowed(self) -> tuple[int, int]:
        """Return maxSurge and maxUnavailable in pods."""
        rolling = self._strategy.get("rollingUpdate", {})
        surge = portion(rolling.get("maxSurge", "25%"), self.replicas, math.ceil)
        unavailable = portion(rolling.get("maxUnavailable", "25%"), self.replicas, math.floor)
        return surge, unavailable or int(surge == 0)

    def _retire(self, old: list[Pod], least: int) -> None:
        """Delete old pods as long as `least` are available; those that are not ready cost nothing."""
        available = sum(one.serves for one in self.staying)
        idle = [one for one in old if not one.serves]
        self._delete(idle, min(len(idle), max(len(self.staying) - least, 0)))
        self._delete([one for one in old if one.serves], max(available - least, 0))

    def _scale(self, pods: list[Pod], number: int) -> None:
        for _ in range(number - len(pods)):
            self._pods.append(self._runs(self._template, f"{self.name}-{self._hash()}-{next(self._numbers)}"))
        self._delete(pods, len(pods) - number)

    def _delete(self, pods: list[Pod], number: int) -> None:
        """Delete so many, those that are not ready first, then the newest."""
        newest_first = pods[::-1]
        for one in sorted(newest_first, key=lambda pod: pod.serves)[: max(number, 0)]:
            one.delete()

    def _hash(self) -> str:
        return hashlib.sha256(json.dumps(self._template, sort_keys=True).encode()).hexdigest()[:8]


def portion(asked: int | str, whole: int, rounded: Callable[[float], int]) -> int:
    """Return a number of pods that is given as such or in percent."""
    return asked if isinstance(asked, int) else rounded(int(asked.removesuffix("%")) * whole / 100)
