"""Pods are told what their values say: models, threads, cache, probes, and the time to leave."""

import re

import pytest

from .rendering import CI, ROOT, Object, environment, objects, of_kind, server_of, texts, values_of

BY_NAME = {file.stem: values_of(file) for file in CI}


def container_of(values: Object, pool: str = "default") -> Object:
    [found] = server_of(values, pool)["spec"]["containers"]
    one: Object = found
    return one


def servers(values: Object) -> list[Object]:
    """Return the specs of the pods of all pools."""
    specs = [one["spec"]["template"]["spec"] for one in of_kind("Deployment", values)]
    return [one for one in specs if one["containers"][0]["name"] == "vectord"]


def test_models_come_with_names_and_revision() -> None:
    reference = "BAAI/bge-small-en-v1.5@5c38ec7c405ec4b44b94cc5a9bb96e735b38267a"
    values = BY_NAME["cpu"]
    assert environment(container_of(values))["VECTORD_MODELS"] == (
        f"small={reference} text-embedding-3-small={reference}"
    )
    [pull] = server_of(values)["spec"]["initContainers"]
    assert (pull["command"], pull["args"]) == (["vectord", "pull"], [reference])
    assert pull["image"] == container_of(values)["image"]


def test_every_variable_is_one_of_the_servers() -> None:
    page = (ROOT / "docs/settings.md").read_text()
    # the port for metrics comes with the commands that the chart calls
    known = {*re.findall(r"`(VECTORD_[A-Z_]+)`", page), "VECTORD_METRICS_PORT"}
    told = {
        name
        for values in BY_NAME.values()
        for one in objects(values)
        if one["kind"] == "Deployment"
        for name in environment(one["spec"]["template"]["spec"]["containers"][0])
    }
    assert {name for name in told if name.startswith("VECTORD_")} <= known


def test_threads_are_the_requested_cores() -> None:
    assert environment(container_of({}))["VECTORD_THREADS"] == {
        "resourceFieldRef": {"containerName": "vectord", "resource": "requests.cpu", "divisor": "1"}
    }


def test_settings_reach_the_server_as_it_reads_them() -> None:
    told = environment(container_of(BY_NAME["cpu"]))
    names = ("PAYLOAD_LIMIT", "MAX_CONCURRENT_REQUESTS", "AUTO_TRUNCATE", "CACHE_MB", "BACKEND")
    assert [told[f"VECTORD_{name}"] for name in names] == ["16000000", "1024", "false", "256", "openvino"]


def test_a_pools_settings_go_before_those_of_all() -> None:
    values = {
        "settings": {"cache_mb": 1, "compress": "gzip"},
        "pools": {"default": {"settings": {"cache_mb": 2}}},
    }
    told = environment(container_of(values))
    assert (told["VECTORD_CACHE_MB"], told["VECTORD_COMPRESS"]) == ("2", "gzip")


def test_pools_keep_what_they_leave_out() -> None:
    values = {
        "poolDefaults": {"nodeSelector": {"a": "b"}, "replicas": 5},
        "pools": {"default": {"replicas": 0}, "other": {"models": [{"id": "x"}]}},
    }
    counts = {one["metadata"]["name"]: one["spec"]["replicas"] for one in of_kind("Deployment", values)}
    assert counts == {"rel-vectord-default": 0, "rel-vectord-other": 5}
    assert server_of(values, "other")["spec"]["nodeSelector"] == {"a": "b"}


@pytest.mark.parametrize(
    ("case", "home", "cache", "offline", "pulls", "token"),
    [
        ("default", "/models", "/models/vectord", "1", True, False),
        ("shared-pvc", "/models", "/models/vectord", "1", True, True),
        ("offline-claim", "/models", "/tmp/vectord", "1", False, False),
        ("baked", None, "/tmp/vectord", "1", False, False),
        ("extras", "/models", "/models/vectord", None, False, True),
    ],
)
def test_models_are_fetched_before_and_the_server_stays_off_the_network(
    case: str, home: str | None, cache: str, offline: str | None, pulls: bool, token: bool
) -> None:
    spec = server_of(BY_NAME[case])["spec"]
    told = environment(spec["containers"][0])
    assert (told.get("HF_HOME"), told["VECTORD_CACHE_DIR"]) == (home, cache)
    assert told.get("HF_HUB_OFFLINE") == offline
    assert bool(spec.get("initContainers")) == pulls
    # whoever asks the hub has the token, and nobody else
    asks = environment(spec["initContainers"][0]) if pulls else told
    assert ("HF_TOKEN" in asks) == token
    assert not pulls or "HF_TOKEN" not in told


@pytest.mark.parametrize("case", BY_NAME)
def test_a_pod_has_time_to_leave(case: str) -> None:
    for spec in servers(BY_NAME[case]):
        [server] = spec["containers"]
        sleep = server["lifecycle"]["preStop"]["sleep"]["seconds"]
        drain = float(environment(server)["VECTORD_DRAIN_SECONDS"])
        readiness = server["readinessProbe"]
        assert spec["terminationGracePeriodSeconds"] >= sleep + drain + 5
        assert (
            readiness["httpGet"] == server["startupProbe"]["httpGet"] == {"path": "/readyz", "port": "http"}
        )
        assert server["livenessProbe"]["httpGet"] == {"path": "/livez", "port": "http"}


def test_a_start_may_take_as_long_as_values_say() -> None:
    values = {"probes": {"startup": {"seconds": 3600, "periodSeconds": 7}}}
    probe = container_of(values)["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] == 3605
    [one] = of_kind("Deployment", values)
    assert one["spec"]["progressDeadlineSeconds"] > 3605


def test_a_cuda_pool_gets_its_devices_and_the_image_with_torch() -> None:
    server = container_of(BY_NAME["cuda"], "large")
    assert server["resources"]["limits"] == {"nvidia.com/gpu": 1, "memory": "16Gi"}
    assert server["image"] == "vectord:0.1.0-cuda"
    [one] = of_kind("Deployment", BY_NAME["cuda"])
    assert one["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 0, "maxUnavailable": 1}
    [pull] = one["spec"]["template"]["spec"]["initContainers"]
    assert "nvidia.com/gpu" not in pull["resources"]["limits"]


def test_an_image_is_named_by_its_digest_where_there_is_one() -> None:
    assert re.fullmatch(
        r"registry\.example\.com/vectord@sha256:[0-9a-f]{64}", container_of(BY_NAME["baked"])["image"]
    )


def test_what_is_scaled_has_no_fixed_replicas() -> None:
    for case in ("hpa", "keda"):
        [one] = of_kind("Deployment", BY_NAME[case])
        assert "replicas" not in one["spec"]


def test_keys_lie_in_a_file_that_the_server_reads() -> None:
    for case, secret, key, one_key in (
        ("auth-existing", "vectord-keys", "keys.txt", "check"),
        ("auth-generated", "rel-vectord-keys", "api-keys", "api-keys"),
    ):
        spec = server_of(BY_NAME[case])["spec"]
        assert environment(spec["containers"][0])["VECTORD_API_KEY_FILE"] == f"/etc/vectord/{key}"
        assert {"name": "keys", "secret": {"secretName": secret, "defaultMode": 0o440}} in spec["volumes"]
        [check] = of_kind("Pod", BY_NAME[case])
        sent = environment(check["spec"]["containers"][0])["VECTORD_API_KEY"]
        assert sent == {"secretKeyRef": {"name": secret, "key": one_key}}


def test_a_route_leads_each_name_to_its_pool_and_shadows_no_path_of_the_server() -> None:
    [route] = of_kind("HTTPRoute", BY_NAME["multi-pool"])
    led, prefixes = {}, set()
    for rule in route["spec"]["rules"]:
        [target] = rule["backendRefs"]
        for match in rule.get("matches", [{}]):
            led.update({header["value"]: target["name"] for header in match.get("headers", [])})
            prefixes |= {match["path"]["value"]} if "path" in match else set()
    assert led["rerank"] == led["BAAI/bge-reranker-base"] == "rel-vectord-rerank"
    assert led["large"] == "rel-vectord-large"
    assert prefixes == {"/pools/default", "/pools/large", "/pools/rerank"}
    assert route["spec"]["rules"][-1] == {"backendRefs": [{"name": "rel-vectord-default", "port": 80}]}
    assert "/pools" not in (ROOT / "docs/http.md").read_text()


def test_notes_warn_of_models_that_may_change() -> None:
    notes = {case: texts(values)["vectord/templates/NOTES.txt"] for case, values in BY_NAME.items()}
    assert "BAAI/bge-m3 has no revision" in notes["cuda"]
    assert "has no revision" not in notes["cpu"]
    assert "has no revision" not in notes["offline-claim"]
    assert "kept on `helm upgrade`" in notes["auth-generated"]
