"""What no schema can say is refused by templates/validate.yaml, with words that say what to change."""

import pytest
from helm_python import HelmRenderError

from .rendering import CHART, Object, texts

MODEL = {"id": "BAAI/bge-m3"}
ONE_NODE = {"type": "pvc", "pvc": {"accessModes": ["ReadWriteOnce"]}}
ROLLING = {"type": "RollingUpdate"}
GATEWAY = [{"name": "gateway"}]
ON: Object = {"enabled": True}
PROXY: Object = {"haproxy": ON}


def pool(**values: object) -> Object:
    return {"pools": {"default": values}}


def scaling(**values: object) -> Object:
    return pool(autoscaling=values)


REFUSED: list[tuple[str, Object]] = [
    ("pools: none is enabled", pool(enabled=False)),
    (
        "pools.a-headless: Services that end with -headless are twins",
        {"pools": {"a-headless": {"models": [MODEL]}}},
    ),
    ("pools.default.models is empty", pool(models=[])),
    (
        "pools.b.models: pool a serves the same name",
        {"pools": {"a": {"models": [{**MODEL, "names": ["x"]}]}, "b": {"models": [{"id": "x"}]}}},
    ),
    (
        "pools.default.resources.requests.cpu is missing",
        {"poolDefaults": {"resources": {"requests": {"cpu": None}}}},
    ),
    ("pools.default.dtype is auto with up to 2 replicas", pool(dtype="auto")),
    ("but image.tag 1-cpu has no torch", {**pool(device="cuda"), "image": {"tag": "1-cpu"}}),
    ("minReplicas is 9, above maxReplicas 8", scaling(type="cpu", minReplicas=9)),
    ("minReplicas is 0, but the last pod takes its metrics with it", scaling(type="cpu", minReplicas=0)),
    (
        "use at least 1, or type keda with keda.extraTriggers",
        scaling(type="keda", minReplicas=0, keda={"serverAddress": "http://p:9090"}),
    ),
    ("keda.serverAddress is empty; name the Prometheus", scaling(type="keda")),
    (
        "podDisruptionBudget.enabled is true with one replica",
        pool(replicas=1, podDisruptionBudget={"enabled": True}),
    ),
    (
        "strategy.type is RollingUpdate, but the claim is for one node",
        {**pool(replicas=1, strategy=ROLLING), "modelCache": ONE_NODE},
    ),
    ("accessModes lacks ReadWriteMany, but up to 2 pods share the claim", {"modelCache": ONE_NODE}),
    ("modelCache.existingClaim is empty; name the claim", {"modelCache": {"type": "existingClaim"}}),
    ("modelCache.readOnly is for an existing claim", {"modelCache": {"readOnly": True}}),
    ("modelCache.offline is set, but a new emptyDir holds no model", {"modelCache": {"offline": True}}),
    (
        "modelCache.offline is set, but a new pvc holds no model",
        {"modelCache": {"offline": True, "type": "pvc"}},
    ),
    (
        "must be at least preStopSeconds + drainSeconds + 5 = 60",
        {"shutdown": {"terminationGracePeriodSeconds": 59}},
    ),
    ("metrics.port and server.port are both 8080", {"metrics": {"port": 8080}}),
    ("metrics.port and service.port are both 80;", {"metrics": {"port": 80}}),
    ("auth.enabled needs keys", {"auth": {"enabled": True}}),
    (
        "auth.existingSecret and auth.generate exclude each other",
        {"auth": {"enabled": True, "existingSecret": "a", "generate": True}},
    ),
    ("ingress.hosts is empty", {"ingress": {"enabled": True}}),
    (
        "ingress.hosts: host a.example.com has no pool b; name one of default",
        {"ingress": {"enabled": True, "hosts": [{"host": "a.example.com", "pool": "b"}]}},
    ),
    ("httpRoute.parentRefs is empty", {"httpRoute": {"enabled": True}}),
    (
        "httpRoute.defaultPool b is no pool; name one of default",
        {"httpRoute": {"enabled": True, "parentRefs": GATEWAY, "defaultPool": "b"}},
    ),
    ("haproxy.enabled needs service.headless", {**PROXY, "service": {"headless": False}}),
    ("pools.haproxy: the proxy has this name", {**PROXY, "pools": {"haproxy": {"models": [MODEL]}}}),
    ("haproxy.port and haproxy.metricsPort are both 80;", {"haproxy": {**ON, "port": 80, "metricsPort": 80}}),
    ("haproxy.defaultPool b is no pool; name one of default", {"haproxy": {**ON, "defaultPool": "b"}}),
]


@pytest.mark.parametrize(("message", "values"), REFUSED, ids=[message for message, _ in REFUSED])
def test_a_rule_refuses_with_words_that_say_what_to_change(message: str, values: Object) -> None:
    with pytest.raises(HelmRenderError) as refused:
        texts(values)
    assert message in str(refused.value)


def test_every_rule_is_tested() -> None:
    rules = (CHART / "templates/validate.yaml").read_text().count("fail ")
    # one rule speaks of a new emptyDir and of a new pvc, one of both ways to scale
    assert len(REFUSED) == rules + 2


@pytest.mark.parametrize(
    "values",
    [
        pool(dtype="auto", replicas=1),
        pool(dtype="auto", nodeSelector={"kind": "alike"}),
        {**pool(replicas=1), "modelCache": ONE_NODE},
        {"shutdown": {"terminationGracePeriodSeconds": 60}},
        pool(replicas=0),
    ],
)
def test_what_lies_just_inside_a_rule_is_taken(values: Object) -> None:
    assert texts(values)
