"""Every set of values under ci/ renders, always to the same, and to what Kubernetes' schemas allow."""

from pathlib import Path

import kubernetes_validate
import pytest
from helm_python import lint

from .rendering import CHART, CI, NAMESPACE, Object, objects, pods, texts, values_of

# what the chart supports: the oldest, one between, and the newest that there is
KUBERNETES = ("1.30", "1.33", "1.37")
CUSTOM = {"ServiceMonitor", "PrometheusRule", "ScaledObject", "HTTPRoute"}
each = pytest.mark.parametrize("file", CI, ids=lambda file: file.stem)


@each
def test_values_render_always_to_the_same(file: Path) -> None:
    first, second = texts(values_of(file)), texts(values_of(file))
    differing = {Path(name).name for name in first if first[name] != second[name]}
    assert differing == ({"secret.yaml"} if file.stem == "auth-generated" else set())


@each
def test_lint_has_nothing_to_say(file: Path) -> None:
    said = lint(CHART, values_of(file), strict=True)["messages"]
    assert [one for one in said if one["severity"] > 1] == []


@each
@pytest.mark.parametrize("version", KUBERNETES)
def test_objects_are_what_kubernetes_takes(file: Path, version: str) -> None:
    built_in = [one for one in objects(values_of(file)) if one["kind"] not in CUSTOM]
    assert built_in
    for one in built_in:
        # an unknown kind raises too
        assert kubernetes_validate.validate(one, version, strict=True) == version


def test_the_schemas_refuse_what_is_wrong() -> None:
    [pod] = [one for one in objects({}) if one["kind"] == "Pod"]
    pod["spec"]["containers"][0]["imagepullpolicy"] = "Always"
    with pytest.raises(kubernetes_validate.ValidationError, match="imagepullpolicy"):
        kubernetes_validate.validate(pod, KUBERNETES[-1], strict=True)


def test_ci_holds_every_kind_of_object_and_every_template() -> None:
    kinds = {one["kind"] for file in CI for one in objects(values_of(file))}
    assert kinds >= CUSTOM | {"HorizontalPodAutoscaler", "Ingress", "NetworkPolicy", "PersistentVolumeClaim"}
    used = {name for file in CI for name, text in texts(values_of(file)).items() if text.strip()}
    there = {f"vectord/{path.relative_to(CHART)}" for path in CHART.glob("templates/**/*.*")}
    assert {Path(one).name for one in there - used} == {
        "_haproxy.tpl",
        "_helpers.tpl",
        "_pod.tpl",
        "validate.yaml",
    }


@each
def test_names_are_unique_and_lie_in_the_namespace(file: Path) -> None:
    found = objects(values_of(file))
    keys = [(one["kind"], one["metadata"]["name"]) for one in found]
    assert len(keys) == len(set(keys))
    extra = {"more", "vectors-text"}
    assert {one["metadata"].get("namespace") for one in found if one["metadata"]["name"] not in extra} == {
        NAMESPACE
    }


def test_names_fit_however_long_the_release_is() -> None:
    pool = "p" * 20
    values: Object = {"fullnameOverride": "r" * 60, "pools": {pool: {"models": [{"id": "a"}]}}}
    names = [one["metadata"]["name"] for one in objects(values)]
    assert max(map(len, names)) == 63


@each
def test_volumes_are_declared_where_they_are_mounted(file: Path) -> None:
    for name, pod in pods(objects(values_of(file))):
        spec = pod["spec"]
        declared = {one["name"] for one in spec["volumes"]}
        containers = spec["containers"] + spec.get("initContainers", [])
        mounted = {mount["name"] for one in containers for mount in one["volumeMounts"]}
        assert mounted == declared, name
