"""A ServiceMonitor as the scrape configuration that the Prometheus operator makes of it, and its targets."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .pod import Pod
from .store import Object

META = "__meta_kubernetes_"
# the operator's own, of every ServiceMonitor: what kubernetes_sd tells becomes the labels of a target
NAMED = {
    "namespace": "namespace",
    "service_name": "service",
    "pod_name": "pod",
    "pod_container_name": "container",
}


def scrape_config(monitor: Object, targets: str, seconds: float) -> Object:
    """Return the scrape configuration of a ServiceMonitor with one endpoint, asked every `seconds`.

    `targets` is a file in place of the cluster's API; it must be of the monitor's own namespace alone.
    """
    [endpoint] = monitor["spec"]["endpoints"]
    return {
        "job_name": f"serviceMonitor/{monitor['metadata']['namespace']}/{monitor['metadata']['name']}/0",
        "scrape_interval": f"{round(seconds * 1000)}ms",
        "scrape_timeout": f"{round(seconds * 1000)}ms",
        "metrics_path": endpoint.get("path", "/metrics"),
        "file_sd_configs": [{"files": [targets], "refresh_interval": "1s"}],
        "relabel_configs": list(relabelled(monitor["spec"], endpoint["port"])),
    }


def relabelled(spec: Object, port: str) -> Iterator[Object]:
    """Yield the rules that choose targets and name them."""
    for name, value in spec["selector"]["matchLabels"].items():
        label = f"{META}service_label_{sanitised(name)}"
        present = f"{META}service_labelpresent_{sanitised(name)}"
        yield {"action": "keep", "source_labels": [label, present], "regex": f"({re.escape(value)});true"}
    yield {"action": "keep", "source_labels": [f"{META}endpoint_port_name"], "regex": port}
    for source, label in NAMED.items():
        yield {"source_labels": [META + source], "target_label": label}
    for name in spec.get("targetLabels", ()):
        label = f"{META}service_label_{sanitised(name)}"
        yield {"source_labels": [label], "regex": "(.+)", "target_label": sanitised(name)}
    yield {"source_labels": [f"{META}service_name"], "target_label": "job"}
    yield {"target_label": "endpoint", "replacement": port}


def targets(services: Iterable[Object], pods: Iterable[Pod]) -> Iterator[dict[str, Any]]:
    """Yield what kubernetes_sd finds of the role endpoints: every port of every Service, pod by pod."""
    pods = list(pods)
    for service in services:
        chosen = service["spec"]["selector"].items()
        for pod in pods:
            if chosen <= pod.labels.items():
                yield from targets_of(service, pod)


def targets_of(service: Object, pod: Pod) -> Iterator[dict[str, Any]]:
    """Yield a pod's ports under a Service."""
    [container] = pod.template["spec"]["containers"]
    ports: Mapping[str, int] = {one["name"]: one["containerPort"] for one in container["ports"]}
    told = {
        "namespace": service["metadata"]["namespace"],
        "service_name": service["metadata"]["name"],
        "pod_name": pod.name,
        "pod_container_name": container["name"],
    }
    for name, value in service["metadata"]["labels"].items():
        told[f"service_label_{sanitised(name)}"] = value
        told[f"service_labelpresent_{sanitised(name)}"] = "true"
    for port in service["spec"]["ports"]:
        told["endpoint_port_name"] = port["name"]
        yield {
            "targets": [f"{pod.address}:{ports[port['targetPort']]}"],
            "labels": {META + name: value for name, value in told.items()},
        }


def sanitised(name: str) -> str:
    """Return a Kubernetes label's name as Prometheus spells it."""
    return re.sub(r"\W", "_", name)
