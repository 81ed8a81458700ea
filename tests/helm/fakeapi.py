"""An in-memory Kubernetes API, enough for helm install, upgrade, rollback, test and uninstall.

It schedules nothing and admits anything; what is written counts as live at once.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import yaml

from .gnostic import document
from .store import Key, Object, Store, Wanted

RESOURCES: dict[str, dict[str, str]] = {
    "v1": {
        "namespaces": "Namespace",
        "pods": "Pod",
        "services": "Service",
        "secrets": "Secret",
        "configmaps": "ConfigMap",
        "serviceaccounts": "ServiceAccount",
        "persistentvolumeclaims": "PersistentVolumeClaim",
        "events": "Event",
    },
    "apiextensions.k8s.io/v1": {"customresourcedefinitions": "CustomResourceDefinition"},
    "apps/v1": {"deployments": "Deployment", "replicasets": "ReplicaSet"},
    "autoscaling/v2": {"horizontalpodautoscalers": "HorizontalPodAutoscaler"},
    "policy/v1": {"poddisruptionbudgets": "PodDisruptionBudget"},
    "networking.k8s.io/v1": {"ingresses": "Ingress", "networkpolicies": "NetworkPolicy"},
    "monitoring.coreos.com/v1": {"servicemonitors": "ServiceMonitor", "prometheusrules": "PrometheusRule"},
}
VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"]
PATH = re.compile(
    r"/(?:api|apis/(?P<group>[^/]+))/(?P<version>[^/]+)"
    r"(?:(?:/namespaces/(?P<namespace>[^/]+))?/(?P<plural>[^/]+)(?:/(?P<name>[^/]+))?)?"
)
WATCH_SECONDS = 20


class FakeApi(ThreadingHTTPServer):
    """Serves a store on a free port of the loopback."""

    daemon_threads = True

    def __init__(self, version: str, resources: dict[str, dict[str, str]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.version, self.resources = version, resources
        self.store = Store()

    @property
    def url(self) -> str:
        """Return the address for Helm."""
        return f"http://127.0.0.1:{self.server_port}"

    def names(self, kind: str) -> set[str]:
        """Return the names of what is there of a kind."""
        return {key.name for key in self.store.objects if key.kind == kind}

    @property
    def ran(self) -> list[str]:
        """Return the names of the pods that were made, those that are gone included."""
        return self.store.pods_made

    def get(self, kind: str, name: str) -> Object:
        """Return the one object of a kind and a name."""
        [found] = [one for key, one in self.store.objects.items() if (key.kind, key.name) == (kind, name)]
        return found


@contextmanager
def serving(version: str = "v1.33.0", without: str = "") -> Iterator[FakeApi]:
    """Run an API of a version, without a group if one is named."""
    api = FakeApi(version, {name: kinds for name, kinds in RESOURCES.items() if name != without})
    threading.Thread(target=api.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield api
    finally:
        api.shutdown()
        api.server_close()


class Asked(NamedTuple):
    """What a path names, and its query."""

    version: str
    kind: str
    namespace: str | None
    name: str | None
    query: dict[str, str]

    @property
    def key(self) -> Key:
        return Key(self.version, self.kind, self.namespace, self.name or "")

    def wanted(self) -> Wanted:
        """Return what a list is narrowed to."""
        pairs = [part.split("=", 1) for part in self.query.get("labelSelector", "").split(",") if "=" in part]
        fields = dict(part.split("=", 1) for part in self.query.get("fieldSelector", "").split(",") if part)
        return Wanted(self.name or fields.get("metadata.name"), dict(pairs))


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    server: FakeApi

    def log_message(self, *words: Any) -> None:
        """Say nothing."""

    def answer(self) -> None:
        """Answer any method."""
        url = urlsplit(self.path)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.discovered(url.path.rstrip("/")):
            match = PATH.fullmatch(url.path.rstrip("/"))
            version = "/".join(filter(None, match.group("group", "version"))) if match else ""
            kind = self.server.resources.get(version, {}).get(match["plural"] or "") if match else None
            if match is None or kind is None:
                self.refuse(404, "NotFound")
                return
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            asked = Asked(version, kind, match["namespace"], match["name"], query)
            self.act(asked, yaml.safe_load(raw) if raw else {})

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    def discovered(self, path: str) -> bool:
        """Answer what tells of the API itself; return whether the path was such."""
        resources = self.server.resources
        groups = [name for name in resources if "/" in name]
        told: dict[str, Object] = {
            "/version": {"major": "1", "minor": "0", "gitVersion": self.server.version},
            "/api": {"kind": "APIVersions", "versions": ["v1"]},
            "/apis": {
                "kind": "APIGroupList",
                "apiVersion": "v1",
                "groups": [group_of(one) for one in groups],
            },
            **{
                f"/apis/{name}" if "/" in name else "/api/v1": list_of(name, resources[name])
                for name in resources
            },
        }
        if path in told:
            self.say(200, told[path])
        elif path == "/openapi/v2":
            kinds = [
                ((f"/{name}").rsplit("/", 1), kind) for name in resources for kind in resources[name].values()
            ]
            body = document((group.strip("/"), version, kind) for (group, version), kind in kinds)
            self.send(200, body, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf")
        return path in told or path == "/openapi/v2"

    def act(self, asked: Asked, body: Object) -> None:
        """Read or write objects."""
        store = self.server.store
        if self.command == "GET" and asked.name is None:
            self.listed(asked)
            return
        if self.command == "POST":
            asked = asked._replace(name=body["metadata"]["name"])
        there = store.objects.get(asked.key)
        applied = "apply-patch" in self.headers.get("Content-Type", "")
        if self.command == "POST" and there is not None:
            self.refuse(409, "AlreadyExists")
        elif there is None and self.command != "POST" and not applied:
            self.refuse(404, "NotFound")
        elif self.command == "GET":
            self.say(200, there or {})
        elif self.command == "DELETE":
            store.drop(asked.key)
            self.say(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})
        else:
            dry = "dryRun" in asked.query
            self.say(200 if there else 201, store.put(asked.key, body, self.command == "PATCH", dry))

    def listed(self, asked: Asked) -> None:
        """Answer a list, or watch one."""
        found = self.server.store.find(asked.version, asked.kind, asked.namespace, asked.wanted())
        revision = {"resourceVersion": str(self.server.store.revision)}
        if asked.query.get("watch") in ("true", "1"):
            self.watch(asked, found)
        else:
            kind = f"{asked.kind}List"
            self.say(200, {"kind": kind, "apiVersion": asked.version, "metadata": revision, "items": found})

    def watch(self, asked: Asked, found: list[Object]) -> None:
        """Send what changes; with sendInitialEvents first what is there, and a bookmark after it."""
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        initial = "sendInitialEvents" in asked.query
        seen = {} if initial else {one["metadata"]["uid"]: one for one in found}
        end = time.monotonic() + WATCH_SECONDS
        try:
            while time.monotonic() < end:
                now = self.server.store.find(asked.version, asked.kind, asked.namespace, asked.wanted())
                seen = self.changes(seen, now)
                if initial:
                    self.event("BOOKMARK", self.bookmark(asked))
                    initial = False
                time.sleep(0.05)
        except OSError:
            pass  # the client has seen enough

    def changes(self, seen: dict[str, Object], now: list[Object]) -> dict[str, Object]:
        """Send what differs from what was seen; return what is seen now."""
        current = {one["metadata"]["uid"]: one for one in now}
        for uid, one in current.items():
            if uid not in seen:
                self.event("ADDED", one)
            elif seen[uid]["metadata"]["resourceVersion"] != one["metadata"]["resourceVersion"]:
                self.event("MODIFIED", one)
        for uid in seen.keys() - current.keys():
            self.event("DELETED", seen[uid])
        return current

    def bookmark(self, asked: Asked) -> Object:
        """Return what says that all that was there has been sent."""
        data = {
            "resourceVersion": str(self.server.store.revision),
            "annotations": {"k8s.io/initial-events-end": "true"},
        }
        return {"kind": asked.kind, "apiVersion": asked.version, "metadata": data}

    def event(self, kind: str, one: Object) -> None:
        """Send one event of a watch."""
        self.wfile.write(json.dumps({"type": kind, "object": one}).encode() + b"\n")
        self.wfile.flush()

    def refuse(self, code: int, reason: str) -> None:
        """Send a failure."""
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "metadata": {}}
        self.say(code, {**status, "message": f"{self.path}: {reason}", "reason": reason, "code": code})

    def say(self, code: int, one: Object) -> None:
        """Send JSON."""
        self.send(code, json.dumps(one).encode(), "application/json")

    def send(self, code: int, body: bytes, kind: str) -> None:
        """Send an answer."""
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def group_of(name: str) -> Object:
    """Return how discovery lists a group."""
    version = {"groupVersion": name, "version": name.split("/")[1]}
    return {"name": name.split("/")[0], "versions": [version], "preferredVersion": version}


def list_of(name: str, kinds: dict[str, str]) -> Object:
    """Return how discovery lists the resources of a group's version."""
    resources = [
        {"name": plural, "singularName": "", "namespaced": kind != "Namespace", "kind": kind, "verbs": VERBS}
        for plural, kind in kinds.items()
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": resources}
