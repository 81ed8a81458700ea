"""Pods meet the Pod Security Standard "restricted": https://kubernetes.io/docs/concepts/security/pod-security-standards/."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .rendering import CI, Object, objects, pods, values_of

VOLUMES = {
    "configMap",
    "emptyDir",
    "persistentVolumeClaim",
    "secret",
    "projected",
    "csi",
    "downwardAPI",
    "ephemeral",
}
each = pytest.mark.parametrize("file", CI, ids=lambda file: file.stem)


def breaches(spec: Object) -> Iterator[str]:
    """Yield what a pod does that "restricted" forbids."""
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(name):
            yield name
    yield from (f"volume {one['name']}" for one in spec.get("volumes", []) if not VOLUMES & set(one))
    pod = spec.get("securityContext", {})
    for container in spec.get("initContainers", []) + spec["containers"]:
        own = {**pod, **container.get("securityContext", {})}
        yield from (f"{container['name']}: {one}" for one in breaches_of(own, container))


def breaches_of(context: Object, container: Object) -> Iterator[str]:
    """Yield what a container's security context lacks."""
    if context.get("runAsNonRoot") is not True or context.get("runAsUser") == 0:
        yield "may run as root"
    if context.get("privileged") or context.get("allowPrivilegeEscalation") is not False:
        yield "may gain privileges"
    capabilities = context.get("capabilities", {})
    if "ALL" not in capabilities.get("drop", []) or set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield "has capabilities"
    if context.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
        yield "has no seccomp profile"
    if any("hostPort" in port for port in container.get("ports", [])):
        yield "takes a port of the host"


@each
def test_pods_are_restricted(file: Path) -> None:
    found = list(pods(objects(values_of(file))))
    assert found
    assert {name: list(breaches(pod["spec"])) for name, pod in found} == {name: [] for name, _ in found}


@each
def test_pods_go_beyond(file: Path) -> None:
    for name, pod in pods(objects(values_of(file))):
        spec = pod["spec"]
        assert spec["automountServiceAccountToken"] is False, name
        assert spec["enableServiceLinks"] is False, name
        for container in spec.get("initContainers", []) + spec["containers"]:
            assert container["securityContext"]["readOnlyRootFilesystem"] is True, name
            assert container["resources"]["requests"], name
            assert container["resources"]["limits"]["memory"], name


def test_the_user_is_the_images_unless_the_cluster_chooses() -> None:
    users = {
        file.stem: pod["spec"]["securityContext"].get("runAsUser")
        for file in CI
        for _, pod in pods(objects(values_of(file)))
    }
    assert users == {name: None if name == "openshift" else 10001 for name in users}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("privileged", True),
        ("allowPrivilegeEscalation", True),
        ("runAsUser", 0),
        ("capabilities", {"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
        ("seccompProfile", {"type": "Unconfined"}),
    ],
)
def test_the_check_sees_breaches(key: str, value: object) -> None:
    values = {"containerSecurityContext": {key: value}}
    assert any(list(breaches(pod["spec"])) for _, pod in pods(objects(values)))
