"""An image as a root file system to run in: read-only, as the image's user, with its variables."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
# a mount namespace of its own: nothing stays behind, whatever happens
SCRIPT = """set -eu
root=$1 models=$2 user=$3; shift 3
mount --bind "$root" "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs -o mode=1777 tmpfs "$root/cache"
if [ -n "$models" ]; then
  mount --bind "$models" "$root/models"
  mount -o remount,bind,ro "$root/models"
fi
mount -o remount,bind,ro "$root"
exec chroot --userspec="$user" "$root" "$@"
"""


def proxies() -> dict[str, str]:
    """Return how this machine reaches the network, which buildah hands on to what it runs."""
    return {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}


@dataclass(frozen=True)
class Storage:
    """Where buildah keeps its images: a folder of the test's own, and how layers lie in it."""

    root: Path
    driver: str

    @classmethod
    def at(cls, root: Path) -> "Storage":
        """Return a storage whose layers share their files, or are copies where the kernel has no overlays."""
        shared = cls(root, "overlay")
        return shared if shared.ran("info").returncode == 0 else cls(root, "vfs")

    def buildah(self, *arguments: str, seconds: float = 900) -> str:
        """Run buildah and return what it printed."""
        done = self.ran(*arguments, seconds=seconds)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return done.stdout.strip()

    def ran(self, *arguments: str, seconds: float = 900) -> "subprocess.CompletedProcess[str]":
        """Run buildah, however it ends."""
        # a store has one driver for good
        places = ["--root", f"{self.root}/{self.driver}", "--runroot", f"{self.root}/run-{self.driver}"]
        return subprocess.run(
            ["buildah", "--storage-driver", self.driver, *places, *arguments],
            capture_output=True,
            text=True,
            timeout=seconds,
            env={**proxies(), "PATH": PATH, "BUILDAH_ISOLATION": "chroot", "HOME": str(self.root)},
        )


@dataclass(frozen=True)
class Image:
    """A built image: its configuration, the folder that its files are mounted at, all that is told of it."""

    config: Mapping[str, Any]
    path: Path
    told: str

    @classmethod
    def of(cls, storage: Storage, name: str) -> "Image":
        told = storage.buildah("inspect", "--type", "image", name)
        container = storage.buildah("from", "--pull-never", name)
        return cls(json.loads(told)["Docker"]["config"], Path(storage.buildah("mount", container)), told)

    def bytes(self, place: str = "") -> int:
        """Return what its files take, or those below a place in it."""
        command = ["du", "-sb", str(self.path / place)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0])

    def command(self, models: Path | None, *arguments: str, **variables: str) -> Sequence[str]:
        """Return what runs a command in it, read-only but for caches; `models` go over the baked ones."""
        environ = {**dict(one.split("=", 1) for one in self.config["Env"]), **variables}
        told = [f"{name}={value}" for name, value in environ.items()]
        inside = ["/usr/bin/env", "-i", "-C", self.config["WorkingDir"], *told, *arguments]
        outside = [str(self.path), str(models or ""), self.config["User"]]
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", SCRIPT, "sh", *outside, *inside]
