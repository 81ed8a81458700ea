"""What a Kubernetes API keeps: objects by kind, namespace and name, each change with a new version."""

import copy
import threading
import time
import uuid
from typing import Any, NamedTuple

Object = dict[str, Any]


class Key(NamedTuple):
    """Where an object lies; `version` is its group and version."""

    version: str
    kind: str
    namespace: str | None
    name: str


def merged(old: Object, new: Object) -> Object:
    """Return an object with a merge patch (RFC 7386) applied."""
    found = copy.deepcopy(old)
    for key, value in new.items():
        if value is None:
            found.pop(key, None)
        elif isinstance(value, dict) and isinstance(found.get(key), dict):
            found[key] = merged(found[key], value)
        else:
            found[key] = value
    return found


def live(one: Object, pod_phase: str) -> None:
    """Set the status that a cluster would set in the end; pods alone may fail."""
    if one["kind"] == "Pod":
        one["status"] = {"phase": pod_phase}
    if one["kind"] == "PersistentVolumeClaim":
        one["status"] = {"phase": "Bound"}
    if one["kind"] == "Deployment":
        count = one["spec"].get("replicas", 1)
        counts = ("replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
        one["status"] = {
            "observedGeneration": one["metadata"]["generation"],
            **dict.fromkeys(counts, count),
            "conditions": [
                {"type": "Available", "status": "True"},
                {"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"},
            ],
        }


class Store:
    """The objects; whoever reads or writes holds the lock."""

    def __init__(self) -> None:
        self.objects: dict[Key, Object] = {}
        self.lock = threading.RLock()
        self.revision = 1
        self.pod_phase = "Succeeded"
        self.pods_made: list[str] = []

    def find(self, version: str, kind: str, namespace: str | None, wanted: "Wanted") -> list[Object]:
        """Return the objects of a kind, in one namespace or in all."""
        with self.lock:
            return [
                one
                for key, one in self.objects.items()
                if (key.version, key.kind) == (version, kind)
                and namespace in (None, key.namespace)
                and wanted.name in (None, key.name)
                and wanted.labels.items() <= one["metadata"].get("labels", {}).items()
            ]

    def put(self, key: Key, body: Object, patch: bool, dry: bool) -> Object:
        """Write an object, or a patch of it, and return what it is now."""
        with self.lock:
            old = self.objects.get(key)
            one = merged(old, body) if patch and old is not None else copy.deepcopy(body)
            self.revision += 1
            self._stamp(key, one, old)
            live(one, self.pod_phase)
            if not dry:
                self.objects[key] = one
                self.pods_made += [key.name] if key.kind == "Pod" and old is None else []
            return one

    def _stamp(self, key: Key, one: Object, old: Object | None) -> None:
        """Set what the API itself sets."""
        one.update(apiVersion=key.version, kind=key.kind)
        data = one.setdefault("metadata", {})
        data.setdefault("uid", str(uuid.uuid4()))
        data.setdefault("creationTimestamp", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        data["resourceVersion"] = str(self.revision)
        data["generation"] = 1 if old is None else old["metadata"]["generation"] + 1
        if key.namespace is not None:
            data["namespace"] = key.namespace

    def drop(self, key: Key) -> bool:
        """Delete an object; return whether it was there."""
        with self.lock:
            self.revision += 1
            return self.objects.pop(key, None) is not None


class Wanted(NamedTuple):
    """What a list is narrowed to."""

    name: str | None
    labels: dict[str, str]
