"""The release that these tests run: two pools of the packaged model, and HAProxy before them."""

import json
import random
import re
from copy import deepcopy
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from tests.helm.rendering import NAMESPACE, Object, objects

from .cluster import Cluster, await_that
from .kubelet import free_ports
from .pod import Pod
from .programs import packaged_model

POOL, LIMITED = "small", "limited"
PROXY = "rel-vectord-haproxy"
MOST_LIMITED = 2  # requests at once in the second pool
RESOURCES = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
SCALED = {"type": "cpu", "minReplicas": 2, "maxReplicas": 4}  # the tests scale it
SAMPLE = re.compile(r"^(?P<name>\w+)\{(?P<labels>[^}]*)\} (?P<value>\S+)$", re.MULTILINE)


class Release:
    """A release in a cluster; what its values leave out is as the chart has it."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._ports = free_ports(4)
        self._proxies = 0
        cluster.apply(objects(self.values()))

    def values(self, **changes: object) -> Object:
        """Return the values, with changes at the top."""
        server, metrics, port, about = self._ports
        return {
            "image": {"tag": "v1"},
            "pools": {
                "default": {"enabled": False},
                POOL: {"models": [model(POOL)], "autoscaling": SCALED},
                LIMITED: {
                    "models": [model(LIMITED)],
                    "replicas": 1,
                    "settings": {"max_concurrent_requests": MOST_LIMITED},
                },
            },
            "poolDefaults": {"resources": RESOURCES},
            "modelCache": {
                "type": "existingClaim", "existingClaim": "models", "readOnly": True, "offline": True,
            },
            "probes": {"startup": {"periodSeconds": 1}},
            "server": {"port": server},
            "metrics": {"port": metrics},
            "haproxy": {**self.haproxy(port, about), "replicas": 1},
            **changes,
        }  # fmt: skip

    def haproxy(self, port: int, about: int, **changes: object) -> Object:
        """Return the values of HAProxy."""
        nameserver = self.cluster.dns.nameserver
        return {
            "enabled": True, "defaultPool": POOL, "port": port, "metricsPort": about,
            "nameserver": nameserver, **changes,
        }  # fmt: skip

    @property
    def port(self) -> int:
        """The servers' port."""
        return self._ports[0]

    def pods(self, pool: str = POOL) -> list[Pod]:
        """Return the pods of a pool that serve."""
        return self.cluster.endpoints(f"rel-vectord-{pool}-headless")

    def address(self) -> tuple[str, int]:
        """Return where HAProxy listens."""
        pod = random.choice(self.cluster.endpoints(PROXY))
        return pod.address, self._ports[2]

    def service(self) -> tuple[str, int]:
        """Return a pod as the first pool's Service gives it to a new connection: any, by what nodes know."""
        known = self.cluster.dns.addresses(f"rel-vectord-{POOL}-headless.{NAMESPACE}.svc.cluster.local")
        return random.choice(known or ()), self.port

    def scaled(self, replicas: int) -> "Release":
        """Have so many pods in the first pool, known to HAProxy."""
        self.cluster.scale(f"rel-vectord-{POOL}", replicas)
        self.cluster.settle()
        [proxy] = self.cluster.endpoints(PROXY)
        self.known(proxy, replicas)
        return self

    def known(self, proxy: Pod, replicas: int) -> None:
        """Wait until HAProxy knows so many pods of the first pool, and some of the other."""
        await_that(lambda: self.active(proxy, POOL) == replicas, 30, self.cluster.told)
        await_that(lambda: self.active(proxy, LIMITED) == 1, 30, self.cluster.told)

    def active(self, proxy: Pod, pool: str) -> float:
        """Return how many pods of a pool HAProxy would choose from."""
        found = samples(proxy.address, self._ports[3], "haproxy_backend_active_servers")
        return sum(value for labels, value in found if labels["proxy"] == pool)

    def in_flight(self, proxy: Pod) -> dict[str, float]:
        """Return how many requests HAProxy has at each pod of the first pool, by HAProxy's name for it."""
        found = samples(proxy.address, self._ports[3], "haproxy_server_current_sessions")
        return {labels["server"]: value for labels, value in found if labels["proxy"] == POOL}

    def served(self, pool: str = POOL) -> dict[str, float]:
        """Return how many requests each pod of a pool has answered, by name."""
        port = self._ports[1]
        return {
            pod.name: sum(value for _, value in samples(pod.address, port, "vectord_requests_total"))
            for pod in self.pods(pool)
        }

    def own_proxy(self, config: str | None = None, **changes: object) -> tuple[Pod, tuple[str, int]]:
        """Start another HAProxy, with values or a configuration of its own; return it and its address."""
        self._proxies += 1
        name = f"own-{self._proxies}"
        found = objects(self.values(haproxy=self.haproxy(self._ports[2], self._ports[3], **changes)))
        [files] = [deepcopy(one) for one in found if one["kind"] == "ConfigMap"]
        [template] = [
            one["spec"]["template"]
            for one in found
            if one["metadata"]["name"] == PROXY and one["kind"] == "Deployment"
        ]
        files["metadata"]["name"] = template["spec"]["volumes"][0]["configMap"]["name"] = name
        files["data"] |= {"haproxy.cfg": config} if config else {}
        self.cluster.store.keep([files])
        pod = self.cluster.kubelet.run(template, name)
        return pod, (pod.address, self._ports[2])


def model(name: str) -> Object:
    """Return a model on the claim."""
    return {"id": f"/models/{name}", "names": [name]}


def claim(folder: Path) -> Path:
    """Return a claim that holds a model for each pool."""
    folder.mkdir()
    for name in (POOL, LIMITED):
        (folder / name).symlink_to(packaged_model())
    return folder


def samples(host: str, port: int, metric: str) -> list[tuple[dict[str, str], float]]:
    """Return labels and value of each sample of a metric."""
    return [
        (dict(re.findall(r'(\w+)="([^"]*)"', found["labels"])), float(found["value"]))
        for found in SAMPLE.finditer(asked(host, port, "/metrics")[2].decode())
        if found["name"] == metric
    ]


def asked(
    host: str, port: int, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Ask once, over a connection of its own; return status, headers by names in lower case, and body."""
    client = HTTPConnection(host, port, timeout=60)
    try:
        sent = None if body is None else json.dumps(body)
        client.request("GET" if body is None else "POST", path, sent, headers or {})
        answer = client.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        client.close()
