"""HAProxy before the pools is told all of them, and what it says itself looks as what the server says."""

import json

import pytest

from .rendering import CHART, Object, of_kind, values_of

VALUES = values_of(CHART / "ci/haproxy.yaml")


def files(**changes: object) -> dict[str, str]:
    """Return what HAProxy reads, by name."""
    [found] = of_kind("ConfigMap", {**VALUES, **changes})
    data: dict[str, str] = found["data"]
    return data


def proxy(**changes: object) -> Object:
    """Return the pod template of HAProxy."""
    [found] = [
        one["spec"]["template"]
        for one in of_kind("Deployment", {**VALUES, **changes})
        if one["metadata"]["name"].endswith("-haproxy")
    ]
    template: Object = found
    return template


def test_every_name_of_a_model_leads_to_its_pool() -> None:
    assert dict(line.split() for line in files()["models.map"].splitlines()) == {
        "small": "default",
        "BAAI/bge-small-en-v1.5": "default",
        "rerank": "rerank",
        "BAAI/bge-reranker-base": "rerank",
    }
    assert files()["pools.map"].split() == ["default", "default", "rerank", "rerank"]


def test_a_pools_pods_are_those_of_its_headless_service() -> None:
    services = {
        one["metadata"]["name"]: one["spec"]["ports"][0]["port"]
        for one in of_kind("Service", VALUES)
        if one["spec"].get("clusterIP") == "None"
    }
    templates = [line.split() for line in files()["haproxy.cfg"].splitlines() if "server-template" in line]
    told = dict(words[3].split(":") for words in templates)
    assert told == {f"{name}.ns.svc.cluster.local": str(port) for name, port in services.items()}
    assert [int(words[2]) for words in templates] == [10, 6]  # four replicas and two, and room for a rollout


def test_a_pool_that_is_scaled_has_room_for_its_most() -> None:
    scaled = {"type": "cpu", "maxReplicas": 20}
    pools = {**VALUES["pools"], "rerank": {**VALUES["pools"]["rerank"], "autoscaling": scaled}}
    assert "server-template pod- 42 rel-vectord-rerank-headless" in files(pools=pools)["haproxy.cfg"]


def test_without_a_default_the_first_pool_answers() -> None:
    for asked, answers in (("", "default"), ("rerank", "rerank")):
        config = files(haproxy={"enabled": True, "defaultPool": asked})["haproxy.cfg"]
        assert f"\n  default_backend {answers}\n" in config


def test_another_configuration_rolls_the_pods() -> None:
    same, other = proxy(), proxy(haproxy={"enabled": True, "requestSeconds": 10})
    assert same == proxy()
    assert same["metadata"]["annotations"] != other["metadata"]["annotations"]


def test_requests_have_time_to_end() -> None:
    spec = proxy()["spec"]
    [container] = spec["containers"]
    [hard] = [line.split()[1] for line in files()["haproxy.cfg"].splitlines() if "hard-stop-after" in line]
    assert (
        container["lifecycle"]["preStop"]["sleep"]["seconds"] + int(hard.removesuffix("s"))
        < (spec["terminationGracePeriodSeconds"])
    )


@pytest.mark.parametrize("name", sorted(name for name in files() if name.endswith(".json")))
def test_errors_are_openais(name: str) -> None:
    said = json.loads(files()[name])
    assert set(said["error"]) == {"message", "type", "param", "code"}
    assert said["error"]["message"] == said["message"] == said["detail"]


def test_a_network_policy_lets_it_in() -> None:
    limited = {"enabled": True, "ingressFrom": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}
    [policy] = of_kind("NetworkPolicy", {**VALUES, "networkPolicy": limited})
    admitted = [one["podSelector"]["matchLabels"] for one in policy["spec"]["ingress"][0]["from"][1:]]
    assert any(one.items() <= proxy()["metadata"]["labels"].items() for one in admitted)
