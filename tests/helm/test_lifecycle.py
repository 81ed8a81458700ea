"""Install, upgrade, rollback, test and uninstall with Helm's own engine, on an API in memory."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from helm_python import Config, HelmError

from .fakeapi import FakeApi, serving
from .rendering import CHART, CI, NAMESPACE, RELEASE, Object, environment, values_of
from .store import Key

AUTH: Object = {"auth": {"enabled": True, "generate": True}}
SECRET = f"{RELEASE}-vectord-keys"
NOT_SERVED = {"keda", "multi-pool"}  # ScaledObject, HTTPRoute


@pytest.fixture
def api() -> Iterator[FakeApi]:
    with serving() as api:
        api.store.put(
            Key("v1", "Namespace", None, NAMESPACE), {"metadata": {"name": NAMESPACE}}, False, False
        )
        yield api


class Helm:
    """Helm's commands for one release."""

    def __init__(self, api: FakeApi) -> None:
        # the other drivers speak protobuf
        self.config = Config(kube_apiserver=api.url, namespace=NAMESPACE, storage_driver="memory")

    def install(self, values: Object) -> Object:
        return dict(
            self.config.install(CHART, RELEASE, values, namespace=NAMESPACE, wait="watcher", timeout=15)
        )

    def upgrade(self, values: Object) -> Object:
        return dict(
            self.config.upgrade(
                CHART, RELEASE, values, namespace=NAMESPACE, wait="watcher", timeout=15, reset_values=True
            )
        )


@pytest.fixture
def helm(api: FakeApi) -> Helm:
    return Helm(api)


def key_in(api: FakeApi) -> bytes:
    return base64.b64decode(api.get("Secret", SECRET)["data"]["api-keys"])


def test_a_release_lives_and_its_key_is_kept(api: FakeApi, helm: Helm) -> None:
    first = helm.install(AUTH)
    assert (first["status"], first["revision"]) == ("deployed", 1)
    key = key_in(api)
    assert len(key) == 40

    second = helm.upgrade(
        {**AUTH, "metrics": {"serviceMonitor": {"enabled": True}}, "settings": {"cache_mb": 7}}
    )
    assert (second["status"], second["revision"]) == ("deployed", 2)
    assert api.names("ServiceMonitor") == {f"{RELEASE}-vectord"}
    assert cache_mb(api) == "7"
    assert key_in(api) == key

    helm.config.rollback(RELEASE, version=1, timeout=15)
    assert api.names("ServiceMonitor") == set()
    assert key_in(api) == key

    assert helm.config.test(RELEASE, timeout=15)["release"]["status"] == "deployed"
    assert api.ran == [f"{RELEASE}-vectord-check"]
    helm.config.uninstall(RELEASE, timeout=15)
    assert {key.kind for key in api.store.objects} == {"Namespace"}


def cache_mb(api: FakeApi) -> object:
    """Return what the server of the default pool is told of its cache."""
    [server] = api.get("Deployment", f"{RELEASE}-vectord-default")["spec"]["template"]["spec"]["containers"]
    return environment(server).get("VECTORD_CACHE_MB")


def test_each_release_gets_a_key_of_its_own() -> None:
    keys = set()
    for _ in range(2):
        with serving() as api:
            Helm(api).install(AUTH)
            keys.add(key_in(api))
    assert len(keys) == 2


@pytest.mark.parametrize("keep", [True, False])
def test_a_claim_outlives_the_release_where_it_shall(api: FakeApi, helm: Helm, keep: bool) -> None:
    helm.install({"modelCache": {"type": "pvc", "pvc": {"keep": keep}}})
    claim = f"{RELEASE}-vectord-models"
    assert api.names("PersistentVolumeClaim") == {claim}
    helm.config.uninstall(RELEASE, timeout=15)
    assert api.names("PersistentVolumeClaim") == ({claim} if keep else set())


@pytest.mark.parametrize(
    "file", [file for file in CI if file.stem not in NOT_SERVED], ids=lambda file: file.stem
)
def test_all_sets_of_values_can_be_installed(file: Path, helm: Helm) -> None:
    assert helm.install(values_of(file))["status"] == "deployed"


def test_a_pool_can_come_and_go(api: FakeApi, helm: Helm) -> None:
    both = {"pools": {"other": {"models": [{"id": "x"}]}}}
    helm.install(both)
    assert api.names("Deployment") == {f"{RELEASE}-vectord-default", f"{RELEASE}-vectord-other"}
    helm.upgrade({})
    assert api.names("Deployment") == {f"{RELEASE}-vectord-default"}
    assert api.names("Service") == {f"{RELEASE}-vectord-default", f"{RELEASE}-vectord-default-headless"}


def test_a_check_that_fails_is_told(api: FakeApi, helm: Helm) -> None:
    helm.install({})
    api.store.pod_phase = "Failed"
    with pytest.raises(HelmError, match=f"{RELEASE}-vectord-check"):
        helm.config.test(RELEASE, timeout=15)


def test_an_old_kubernetes_is_refused() -> None:
    with serving(version="v1.29.9") as api, pytest.raises(HelmError, match=r">=1\.30\.0-0"):
        Helm(api).install({})


def test_a_missing_operator_is_told() -> None:
    with serving(without="monitoring.coreos.com/v1") as api, pytest.raises(HelmError, match="ServiceMonitor"):
        Helm(api).install({"metrics": {"serviceMonitor": {"enabled": True}}})


def test_bad_values_leave_nothing_behind(api: FakeApi, helm: Helm) -> None:
    with pytest.raises(HelmError, match="/pools/default"):
        helm.install({"pools": {"default": {"replica": 1}}})
    assert {key.kind for key in api.store.objects} == {"Namespace"}
