"""The chart, rendered by Helm's own engine."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from helm_python import Chart

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm/vectord"
CI = sorted((CHART / "ci").glob("*.yaml"))
RELEASE, NAMESPACE = "rel", "ns"
Object = dict[str, Any]


def values_of(file: Path) -> Object:
    """Return the values of a file under ci/."""
    found: Object = yaml.safe_load(file.read_text()) or {}
    return found


def texts(values: Object) -> dict[str, str]:
    """Return what the templates give, by file. Raises `HelmError` where schema or rules refuse the values."""
    rendered: dict[str, str] = Chart.load(CHART).render(
        copy.deepcopy(values), name=RELEASE, namespace=NAMESPACE
    )
    return rendered


def objects(values: Object) -> list[Object]:
    """Return the objects of a release, those of its tests included."""
    return [
        found
        for name, text in sorted(texts(values).items())
        if name.endswith(".yaml")
        for found in yaml.safe_load_all(text)
        if found is not None
    ]


def of_kind(kind: str, values: Object) -> list[Object]:
    """Return the objects of a kind."""
    return [one for one in objects(values) if one["kind"] == kind]


def server_of(values: Object, pool: str = "default") -> Object:
    """Return the pod template of a pool."""
    [found] = [one for one in of_kind("Deployment", values) if one["metadata"]["name"].endswith(f"-{pool}")]
    template: Object = found["spec"]["template"]
    return template


def environment(container: Object) -> Object:
    """Return a container's variables; what comes from elsewhere as Kubernetes spells it."""
    names = [one["name"] for one in container["env"]]
    assert len(names) == len(set(names)), "a variable is set twice"
    return {one["name"]: one.get("value", one.get("valueFrom")) for one in container["env"]}


def pods(found: list[Object]) -> Iterator[tuple[str, Object]]:
    """Yield name and pod (metadata and spec) of everything that runs."""
    for one in found:
        if one["kind"] == "Deployment":
            yield one["metadata"]["name"], one["spec"]["template"]
        elif one["kind"] == "Pod":
            yield one["metadata"]["name"], one
