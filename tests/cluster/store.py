"""What a cluster keeps for its pods: ConfigMaps, Secrets and claims."""

from base64 import b64decode
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Object = dict[str, Any]


class Store:
    """Looks up by name; `claims` are folders that stand for PersistentVolumeClaims."""

    def __init__(self, claims: Mapping[str, Path]) -> None:
        self.claims = dict(claims)
        self._held: dict[tuple[str, str], dict[str, bytes]] = {}

    def keep(self, objects: Iterable[Object]) -> None:
        """Take over the ConfigMaps and Secrets among objects."""
        for one in objects:
            if one["kind"] in ("ConfigMap", "Secret"):
                plain = {key: value.encode() for key, value in one.get("data", {}).items()}
                if one["kind"] == "Secret":
                    plain = {key: b64decode(value) for key, value in plain.items()}
                plain |= {key: value.encode() for key, value in one.get("stringData", {}).items()}
                self._held[one["kind"], one["metadata"]["name"]] = plain

    def entries(self, kind: str, name: str) -> Mapping[str, bytes]:
        """Return what a ConfigMap or a Secret holds. Raises `KeyError` where there is none."""
        return self._held[kind, name]
