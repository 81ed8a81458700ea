"""The autoscaler's arithmetic, by the examples of Kubernetes' documentation and by its corners."""

import pytest

from .hpa import DOWN, UP, Hpa, Policy, Rules

FREE = Rules(0, (Policy("Percent", 1000, 15),))
AT_ONCE = Rules(0, (Policy("Percent", 100, 15),))


def hpa(**changes: object) -> Hpa:
    return Hpa(**{"least": 1, "most": 20, "target": 10.0, "up": FREE, "down": AT_ONCE, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("current", "metric", "wanted"),
    [(1, 45, 5), (2, 41, 5), (4, 40, 4), (3, 32.9, 3), (3, 33.1, 4), (4, 36.1, 4), (4, 35.9, 4),
     (4, 26.9, 3), (4, 0, 1)],
)  # fmt: skip
def test_as_many_as_the_target_asks_for_within_a_tolerance(current: int, metric: float, wanted: int) -> None:
    assert hpa().decide(0, current, metric) == wanted


def test_bounds_hold_and_an_unknown_metric_changes_nothing() -> None:
    assert hpa(most=4).decide(0, 1, 1000) == 4
    assert hpa(least=2).decide(0, 3, 0) == 2
    assert hpa(most=4).decide(0, 7, None) == 4
    assert hpa(least=2).decide(0, 1, None) == 2
    assert hpa().decide(0, 7, None) == 7


def test_what_was_asked_for_in_the_window_keeps_pods() -> None:
    one = hpa(down=Rules(180, AT_ONCE.policies))
    assert one.decide(0, 1, 50) == 5
    assert [one.decide(now, 5, 5) for now in range(15, 181, 15)] == [5] * 11 + [1]


def test_the_window_keeps_the_highest_of_what_was_asked_for() -> None:
    one = hpa(down=Rules(60, AT_ONCE.policies))
    assert one.decide(0, 8, 80) == 8
    assert one.decide(30, 8, 40) == 8
    assert one.decide(61, 8, 5) == 4
    assert one.decide(91, 4, 5) == 1


def test_a_window_upwards_waits_for_the_lowest() -> None:
    one = hpa(up=Rules(60, FREE.policies))
    assert one.decide(0, 1, 10) == 1
    assert one.decide(30, 1, 50) == 1
    assert one.decide(61, 1, 50) == 5


def test_by_default_four_pods_or_twice_as_many_in_15_seconds() -> None:
    one = hpa(up=UP)
    counts = [1]
    for now in (0, 15.1, 30.2):
        counts.append(one.decide(now, counts[-1], 1000))
    assert counts == [1, 5, 10, 20]
    # what came in the period counts
    one = hpa(up=UP)
    assert one.decide(0, 1, 1000) == 5
    assert one.decide(5, 5, 1000) == 5


def test_select_policy_takes_the_smaller_change_or_none() -> None:
    policies = (Policy("Pods", 4, 15), Policy("Percent", 50, 15))
    assert hpa(up=Rules(0, policies, "Min")).decide(0, 2, 1000) == 3
    assert hpa(up=Rules(0, policies, "Disabled")).decide(0, 2, 1000) == 2
    assert hpa(down=Rules(0, policies, "Min")).decide(0, 10, 0) == 6
    assert hpa(down=Rules(0, policies)).decide(0, 10, 0) == 5
    assert hpa(down=Rules(0, policies, "Disabled")).decide(0, 10, 0) == 10


def test_a_scaled_object_is_read_with_the_defaults_of_kubernetes() -> None:
    trigger = {"type": "prometheus", "metricType": "AverageValue", "metadata": {"threshold": "32"}}
    spec = {"minReplicaCount": 0, "maxReplicaCount": 8, "triggers": [trigger]}
    assert Hpa.of({"spec": spec}) == Hpa(1, 8, 32, UP, DOWN)
    down = {
        "stabilizationWindowSeconds": 180,
        "policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}],
    }
    spec["advanced"] = {"horizontalPodAutoscalerConfig": {"behavior": {"scaleDown": down}}}
    assert Hpa.of({"spec": spec}).down == Rules(180, (Policy("Pods", 1, 60),))
    assert Hpa.of({"spec": spec}).up == UP
