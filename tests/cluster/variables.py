"""A container's environment, with what its variables refer to."""

import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .store import Object, Store

EVERYWHERE = "0.0.0.0"
REFERENCE = re.compile(r"\$\(([A-Za-z_][\w.-]*)\)")


@dataclass(frozen=True)
class Downward:
    """What a pod may ask about itself."""

    name: str
    namespace: str
    address: str

    def field(self, path: str) -> str:
        """Return a field of the pod. Raises `KeyError` for those that no chart here asks for."""
        fields = {
            "metadata.name": self.name,
            "metadata.namespace": self.namespace,
            "status.podIP": self.address,
        }
        return fields[path]


def variables(container: Object, pod: Downward, store: Store) -> dict[str, str]:
    """Return the variables of a container, those that the spec leaves to the image included."""
    found = {"PATH": os.environ["PATH"], **dict(whole_sources(container, store))}
    for one in container.get("env", ()):
        found[one["name"]] = expanded(value_of(one, container, pod, store), found)
    # a pod's network has its one address; the others here are other pods'
    return {name: pod.address if value == EVERYWHERE else value for name, value in found.items()}


def whole_sources(container: Object, store: Store) -> Iterator[tuple[str, str]]:
    """Yield what envFrom brings."""
    for source in container.get("envFrom", ()):
        kind, key = ("Secret", "secretRef") if "secretRef" in source else ("ConfigMap", "configMapRef")
        for name, value in store.entries(kind, source[key]["name"]).items():
            yield source.get("prefix", "") + name, value.decode()


def value_of(one: Object, container: Object, pod: Downward, store: Store) -> str:
    """Return the value of a variable, from wherever it comes."""
    match one:
        case {"valueFrom": {"resourceFieldRef": {"resource": resource, **rest}}}:
            return resource_of(container, resource, str(rest.get("divisor", "1")))
        case {"valueFrom": {"secretKeyRef": {"name": name, "key": key}}}:
            return store.entries("Secret", name)[key].decode()
        case {"valueFrom": {"configMapKeyRef": {"name": name, "key": key}}}:
            return store.entries("ConfigMap", name)[key].decode()
        case {"valueFrom": {"fieldRef": {"fieldPath": path}}}:
            return pod.field(path)
    value: str = one.get("value", "")
    return value


def resource_of(container: Object, resource: str, divisor: str) -> str:
    """Return a request or a limit in units of the divisor, rounded up as the downward API does."""
    which, name = resource.split(".", 1)
    return str(math.ceil(quantity(str(container["resources"][which][name])) / quantity(divisor)))


def quantity(text: str) -> float:
    """Return a quantity as Kubernetes writes it: 500m, 2, 1Gi."""
    units = {"m": 1e-3, "": 1, "k": 1e3, "M": 1e6, "G": 1e9, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30}
    found = re.fullmatch(r"([0-9.]+)([A-Za-z]*)", text)
    assert found, f"no quantity: {text}"
    return float(found[1]) * units[found[2]]


def expanded(text: str, known: dict[str, str]) -> str:
    """Return a text with $(NAME) replaced by what is known; what is not stays as it stands."""
    return REFERENCE.sub(lambda found: known.get(found[1], found[0]), text)
