"""Values that make no sense are refused with their path."""

import json
import re
from typing import Any

import pytest
import yaml
from helm_python import Chart, HelmError

from .rendering import CHART, ROOT, Object

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
# set by the chart itself, from other values or from the pool
OWN = set(
    "models config dtype threads cache_dir host port metrics_port api_key api_key_file drain_seconds "
    "otlp_endpoint log_format log_level".split()
)
POOL = "/pools/default"
BAD = {
    "/": {"replicaCount": 2},
    "/image": {"image": {"registy": "x"}},
    "/image/pullPolicy": {"image": {"pullPolicy": "Sometimes"}},
    "/image/digest": {"image": {"digest": "latest"}},
    "/pools": {"pools": {"Default": {}}},
    POOL: {"pools": {"default": {"replica": 2}}},
    f"{POOL}/device": {"pools": {"default": {"device": "tpu"}}},
    f"{POOL}/replicas": {"pools": {"default": {"replicas": "two"}}},
    f"{POOL}/dtype": {"pools": {"default": {"dtype": "fp16"}}},
    f"{POOL}/gpus": {"pools": {"default": {"gpus": 0}}},
    f"{POOL}/models": {"pools": {"default": {"models": "BAAI/bge-m3"}}},
    f"{POOL}/models/0": {"pools": {"default": {"models": [{"name": "x"}]}}},
    f"{POOL}/models/0/id": {"pools": {"default": {"models": [{"id": "x@main"}]}}},
    f"{POOL}/models/0/names/0": {"pools": {"default": {"models": [{"id": "x", "names": ["a b"]}]}}},
    f"{POOL}/settings": {"pools": {"default": {"settings": {"max_batch_token": 1}}}},
    f"{POOL}/settings/compress": {"pools": {"default": {"settings": {"compress": "br"}}}},
    f"{POOL}/autoscaling/type": {"pools": {"default": {"autoscaling": {"type": "hpa"}}}},
    f"{POOL}/resources/requests/cpu": {"pools": {"default": {"resources": {"requests": {"cpu": "two"}}}}},
    f"{POOL}/podDisruptionBudget/enabled": {
        "pools": {"default": {"podDisruptionBudget": {"enabled": "yes"}}}
    },
    f"{POOL}/extraEnv/0": {"pools": {"default": {"extraEnv": [{"NAME": "a"}]}}},
    "/settings": {"settings": {"port": 1}},
    "/settings/auto_truncate": {"settings": {"auto_truncate": "off"}},
    "/server/port": {"server": {"port": 70000}},
    "/server/logLevel": {"server": {"logLevel": "verbose"}},
    "/modelCache/type": {"modelCache": {"type": "hostPath"}},
    "/modelCache/mountPath": {"modelCache": {"mountPath": "models"}},
    "/modelCache/pvc/accessModes": {"modelCache": {"pvc": {"accessModes": []}}},
    "/huggingface/endpoint": {"huggingface": {"endpoint": "hub.example.com"}},
    "/auth": {"auth": {"apiKey": "secret"}},
    "/probes/startup/periodSeconds": {"probes": {"startup": {"periodSeconds": 0}}},
    "/shutdown/drainSeconds": {"shutdown": {"drainSeconds": "30s"}},
    "/service/type": {"service": {"type": "ExternalName"}},
    "/ingress/hosts/0": {"ingress": {"hosts": [{"host": "a.example.com"}]}},
    "/metrics/serviceMonitor/interval": {"metrics": {"serviceMonitor": {"interval": "15"}}},
    "/haproxy": {"haproxy": {"retry": True}},
    "/haproxy/retryOn/0": {"haproxy": {"retryOn": ["429"]}},
    "/haproxy/nameserver": {"haproxy": {"nameserver": "dns.example.com"}},
    "/networkPolicy/enabled": {"networkPolicy": {"enabled": "true"}},
}


@pytest.mark.parametrize("path", BAD)
def test_bad_values_are_refused_with_their_path(path: str) -> None:
    with pytest.raises(HelmError) as refused:
        Chart.load(CHART).render(BAD[path], name="rel", namespace="ns")
    told = re.findall(r"at '([^']*)'", str(refused.value))
    assert max(told, key=len) == path.rstrip("/")  # before it may stand what it lies in


def test_values_and_schema_name_the_same_keys() -> None:
    values: Object = yaml.safe_load((CHART / "values.yaml").read_text())
    assert named_in_values(values, SCHEMA) == named_in_schema(SCHEMA) - {"global"}


def followed(schema: Object) -> Object:
    """Return a schema, or the one that it refers to."""
    found: Object = SCHEMA["$defs"][schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
    return found


def closed(schema: Object) -> bool:
    return schema.get("additionalProperties") is False and "properties" in schema


def named_in_schema(schema: Object, before: str = "") -> set[str]:
    """Return the paths of all keys that may stand in values, what is in settings left out."""
    found = set()
    for key, inner in schema["properties"].items():
        found.add(before + key)
        inner = followed(inner)
        if closed(inner) and inner is not SCHEMA["$defs"]["settings"]:
            found |= named_in_schema(inner, f"{before}{key}.")
    # that a claim of a device or a rolling update has defaults would make no sense
    return found - {
        f"poolDefaults.{key}"
        for key in (
            "resources.claims",
            "strategy.type",
            "strategy.rollingUpdate",
            "strategy.rollingUpdate.maxSurge",
            "strategy.rollingUpdate.maxUnavailable",
        )
    }


def named_in_values(values: Any, schema: Object, before: str = "") -> set[str]:
    """Return the paths of all keys of values that are the chart's own."""
    schema = followed(schema)
    if not (isinstance(values, dict) and closed(schema)):
        return set()
    return {before + key for key in values} | {
        path
        for key, value in values.items()
        for path in named_in_values(value, schema["properties"][key], f"{before}{key}.")
    }


def test_settings_are_those_of_the_server() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    variables = {name.lower() for name in re.findall(r"^\| .*?\| `VECTORD_([A-Z_]+)` \|", page, re.MULTILINE)}
    assert len(variables) > 30
    assert set(SCHEMA["$defs"]["settings"]["properties"]) == variables - OWN
