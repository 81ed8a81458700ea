"""A pod's volumes as folders, and paths of a container as paths in them."""

import re
from collections.abc import Mapping
from pathlib import Path

from .store import Object, Store


class Volumes:
    """Folders by the name of a volume; those that a pod has for itself lie below `folder`."""

    def __init__(self, spec: Object, folder: Path, store: Store) -> None:
        self._folder, self._store = folder, store
        self._places = {one["name"]: self._place(one) for one in spec.get("volumes", ())}

    def _place(self, volume: Object) -> Path:
        own = self._folder / str(volume["name"])
        match volume:
            case {"emptyDir": _}:
                own.mkdir(parents=True)
            case {"configMap": {"name": name}}:
                written(own, self._store.entries("ConfigMap", name))
            case {"secret": {"secretName": name}}:
                written(own, self._store.entries("Secret", name))
            case {"persistentVolumeClaim": {"claimName": name}}:
                claim: Path = self._store.claims[name]
                return claim
            case {"hostPath": {"path": path}}:
                return Path(path)
            case _:
                raise NotImplementedError(f"a volume of another kind: {sorted(volume)}")
        return own

    def inside(self, container: Object, text: str) -> str:
        """Return a value or an argument whose paths under a container's mounts lead to the folders."""
        mounts = {one["mountPath"].rstrip("/"): one for one in container.get("volumeMounts", ())}
        if not mounts:
            return text
        # all in one pass, the deepest first: what a folder is called may begin as another mount does
        paths = "|".join(re.escape(path) for path in sorted(mounts, key=len, reverse=True))
        return re.sub(rf"(?<![\w./-])({paths})(?![\w.-])", lambda found: self._at(mounts[found[1]]), text)

    def _at(self, mount: Object) -> str:
        return str(self._places[mount["name"]] / mount.get("subPath", ""))


def written(folder: Path, entries: Mapping[str, bytes]) -> None:
    """Write the entries of a ConfigMap or a Secret as files."""
    folder.mkdir(parents=True)
    for name, content in entries.items():
        (folder / name).write_bytes(content)
