"""Every selector finds just the pods, or the Services, that it is for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .rendering import CI, RELEASE, Object, objects, of_kind, pods, values_of

each = pytest.mark.parametrize("file", CI, ids=lambda file: file.stem)


def labels(one: Object) -> dict[str, str]:
    found: dict[str, str] = one["metadata"].get("labels", {})
    return found


def selected(selector: dict[str, str], among: dict[str, dict[str, str]]) -> set[str]:
    """Return the names whose labels a selector wants."""
    assert selector
    return {name for name, own in among.items() if selector.items() <= own.items()}


def pod_selectors(found: list[Object]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield kind, name and selector of what selects pods of one pool."""
    for one in found:
        spec = one.get("spec", {})
        if one["kind"] == "Service":
            yield "Service", one["metadata"]["name"], spec["selector"]
        elif one["kind"] in ("Deployment", "PodDisruptionBudget"):
            yield one["kind"], one["metadata"]["name"], spec["selector"]["matchLabels"]
        if one["kind"] == "Deployment":
            for spread in spec["template"]["spec"].get("topologySpreadConstraints", []):
                yield "spread", one["metadata"]["name"], spread["labelSelector"]["matchLabels"]


@each
def test_a_pools_selectors_find_its_pods_alone(file: Path) -> None:
    found = objects(values_of(file))
    among = {name: labels(pod) for name, pod in pods(found)}
    selectors = list(pod_selectors(found))
    assert {kind for kind, _, _ in selectors} >= {"Service", "Deployment"}
    for kind, name, selector in selectors:
        assert selected(selector, among) == {name.removesuffix("-headless")}, kind


@each
def test_a_network_policy_finds_all_servers_and_not_the_test(file: Path) -> None:
    found = objects(values_of(file))
    among = {name: labels(pod) for name, pod in pods(found)}
    for one in found:
        if one["kind"] == "NetworkPolicy":
            deployments = {other["metadata"]["name"] for other in found if other["kind"] == "Deployment"}
            assert selected(one["spec"]["podSelector"]["matchLabels"], among) == deployments


def test_a_network_policy_lets_the_test_pod_in() -> None:
    values = {"networkPolicy": {"enabled": True, "ingressFrom": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}}
    [policy] = of_kind("NetworkPolicy", values)
    among = {name: labels(pod) for name, pod in pods(objects(values))}
    let_in = policy["spec"]["ingress"][0]["from"][-1]["podSelector"]["matchLabels"]
    assert selected(let_in, among) == {f"{RELEASE}-vectord-check"}


@pytest.mark.parametrize(("offline", "ports"), [(False, {53, 443}), (True, {53})])
def test_a_network_policy_closes_the_way_to_the_hub(offline: bool, ports: set[int]) -> None:
    cache = {"type": "existingClaim", "existingClaim": "models", "offline": offline}
    [policy] = of_kind("NetworkPolicy", {"networkPolicy": {"enabled": True}, "modelCache": cache})
    assert {port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]} == ports


@each
def test_each_pod_is_scraped_once(file: Path) -> None:
    found = objects(values_of(file))
    services = {one["metadata"]["name"]: labels(one) for one in found if one["kind"] == "Service"}
    for one in found:
        if one["kind"] == "ServiceMonitor":
            deployments = {other["metadata"]["name"] for other in found if other["kind"] == "Deployment"}
            assert selected(one["spec"]["selector"]["matchLabels"], services) == deployments


@each
def test_what_is_named_is_there(file: Path) -> None:
    found = objects(values_of(file))
    there = {(one["kind"], one["metadata"]["name"]) for one in found}
    for one in found:
        spec = one.get("spec", {})
        if one["kind"] in ("HorizontalPodAutoscaler", "ScaledObject"):
            assert ("Deployment", spec["scaleTargetRef"]["name"]) in there
        if one["kind"] == "Ingress":
            assert {("Service", name) for name in ingress_services(spec)} <= there
        if one["kind"] == "HTTPRoute":
            targets = {target["name"] for rule in spec["rules"] for target in rule["backendRefs"]}
            assert {("Service", name) for name in targets} <= there


def ingress_services(spec: Object) -> set[str]:
    """Return the Services that an Ingress names."""
    return {path["backend"]["service"]["name"] for rule in spec["rules"] for path in rule["http"]["paths"]}


@each
def test_ports_that_are_named_are_those_of_pods(file: Path) -> None:
    found = objects(values_of(file))
    by_pod = {
        name: {port["name"]: port["containerPort"] for port in pod["spec"]["containers"][0].get("ports", [])}
        for name, pod in pods(found)
    }
    for one in found:
        if one["kind"] == "Service":
            own = by_pod[one["metadata"]["name"].removesuffix("-headless")]
            # what HAProxy says of itself is for those who ask its pods
            hidden = {"metrics"} if one["metadata"]["name"].endswith("-haproxy") else set()
            assert {port["targetPort"] for port in one["spec"]["ports"]} == set(own) - hidden
            if one["spec"].get("clusterIP") == "None":
                assert {port["name"]: port["port"] for port in one["spec"]["ports"]} == own


def test_selectors_stay_as_they_are() -> None:
    # Kubernetes refuses to change a Deployment's selector: another one breaks every upgrade
    [one] = of_kind("Deployment", values_of(CI[0]))
    assert one["spec"]["selector"]["matchLabels"] == {
        "app.kubernetes.io/name": "vectord",
        "app.kubernetes.io/instance": RELEASE,
        "app.kubernetes.io/component": "server",
        "vectord-pool": "default",
    }
