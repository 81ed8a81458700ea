"""The HorizontalPodAutoscaler's arithmetic, as Kubernetes does it for a metric with a target average value.

Source: kubernetes/pkg/controller/podautoscaler (replica_calculator.go, GetExternalPerPodMetricReplicas, and
horizontal.go, normalizeDesiredReplicasWithBehaviors), and the defaults of autoscaling/v2. Times are the
manifest's own seconds; what clock they are of is the caller's affair.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self

TOLERANCE = 0.1  # --horizontal-pod-autoscaler-tolerance
PERIOD = 15.0  # --horizontal-pod-autoscaler-sync-period: seconds between two decisions
Select = Literal["Max", "Min", "Disabled"]


@dataclass(frozen=True)
class Policy:
    """How many pods, or which percentage of them, may come or go in a period."""

    type: Literal["Pods", "Percent"]
    value: int
    periodSeconds: float  # as Kubernetes spells it


@dataclass(frozen=True)
class Rules:
    """One direction: the window in which the most cautious recommendation counts, and the policies."""

    window: float
    policies: tuple[Policy, ...]
    select: Select = "Max"

    def given(self, told: Mapping[str, Any] | None) -> "Rules":
        """Return these rules with what a manifest says in their place."""
        told = told or {}
        policies = told.get("policies")
        return Rules(
            told.get("stabilizationWindowSeconds", self.window),
            self.policies if policies is None else tuple(Policy(**one) for one in policies),
            told.get("selectPolicy", self.select),
        )


UP = Rules(0, (Policy("Pods", 4, 15), Policy("Percent", 100, 15)))
DOWN = Rules(300, (Policy("Percent", 100, 15),))


@dataclass
class Hpa:
    """One autoscaler and what it remembers: recommendations and changes, each with its time."""

    least: int
    most: int
    target: float
    up: Rules = UP
    down: Rules = DOWN
    _recommended: list[tuple[float, int]] = field(default_factory=list)
    _changed: list[tuple[float, int]] = field(default_factory=list)

    @classmethod
    def of(cls, scaled: Mapping[str, Any]) -> Self:
        """Return the autoscaler that KEDA would make of a ScaledObject with one trigger."""
        spec = scaled["spec"]
        [trigger] = spec["triggers"]
        assert trigger["metricType"] == "AverageValue"
        behavior = spec.get("advanced", {}).get("horizontalPodAutoscalerConfig", {}).get("behavior", {})
        return cls(
            max(1, spec["minReplicaCount"]),  # the last one is KEDA's own to take
            spec["maxReplicaCount"],
            float(trigger["metadata"]["threshold"]),
            UP.given(behavior.get("scaleUp")),
            DOWN.given(behavior.get("scaleDown")),
        )

    def decide(self, now: float, current: int, metric: float | None) -> int:
        """Return how many replicas there shall be; `metric` is the sum over all pods, None where unknown."""
        if not self.least <= current <= self.most:
            return self._take(now, current, min(max(current, self.least), self.most))
        if metric is None:
            return current
        recommended = self._recommend(current, metric)
        stable = self._stabilised(now, current, recommended)
        self._recommended.append((now, recommended))
        return self._take(now, current, self._limited(now, current, stable))

    def _recommend(self, current: int, metric: float) -> int:
        """Return what the metric alone asks for."""
        ratio = metric / (self.target * current)
        return current if abs(ratio - 1) <= TOLERANCE else math.ceil(metric / self.target)

    def _stabilised(self, now: float, current: int, recommended: int) -> int:
        """Return the change that every recommendation in its window agrees on."""
        lowest = min([recommended, *self._since(now, self.up.window)])
        highest = max([recommended, *self._since(now, self.down.window)])
        return min(max(current, lowest), highest)

    def _since(self, now: float, seconds: float) -> list[int]:
        return [replicas for time, replicas in self._recommended if time > now - seconds]

    def _limited(self, now: float, current: int, wanted: int) -> int:
        """Return as much of a change as policies and bounds allow."""
        if wanted > current:
            allowed = max(current, self._limit(now, current, self.up, 1))
            return min(wanted, self.most, allowed)
        if wanted < current:
            allowed = min(current, self._limit(now, current, self.down, -1))
            return max(wanted, self.least, allowed)
        return wanted

    def _limit(self, now: float, current: int, rules: Rules, sign: Literal[1, -1]) -> int:
        """Return how far the policies of one direction let the count go."""
        if rules.select == "Disabled":
            return current
        proposed: Sequence[int] = [self._proposed(now, current, policy, sign) for policy in rules.policies]
        farthest, nearest = (max, min) if sign > 0 else (min, max)
        return nearest(proposed) if rules.select == "Min" else farthest(proposed)

    def _proposed(self, now: float, current: int, policy: Policy, sign: Literal[1, -1]) -> int:
        start = current - sum(change for time, change in self._changed if time > now - policy.periodSeconds)
        if policy.type == "Pods":
            return start + sign * policy.value
        share = start * (1 + sign * policy.value / 100)
        return math.ceil(share) if sign > 0 else int(share)

    def _take(self, now: float, current: int, replicas: int) -> int:
        if replicas != current:
            self._changed.append((now, replicas - current))
        return replicas
