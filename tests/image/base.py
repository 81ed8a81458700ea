"""The base that stands for Python's image: Debian with its own Python; and what a machine needs for it."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence

from .rootfs import Storage

BASE = "localhost/base"
TOOLS = ("buildah", "mmdebstrap", "unshare")
LACKING = [name for name in TOOLS if shutil.which(name) is None] + ["root"] * (os.geteuid() != 0)
LEAST_BYTES = 6_000_000_000  # of disk, while it is built
PACKAGES = "python3-minimal,python3-venv,python3-pip,ca-certificates,passwd"
UNREAD = ("doc", "man", "locale", "info")
DEBIAN = [
    "mmdebstrap", "--quiet", "--variant=apt", f"--include={PACKAGES}",
    *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in UNREAD), "bookworm",
]  # fmt: skip
# as in Python's image: `python` is there, and pip installs where it is told to
PYTHON = "ln -s python3 /usr/bin/python && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED"
TRIAL = "python -m pip download --quiet --no-deps --dest /tmp/trial httptools && rm -r /tmp/trial"


def refused(storage: Storage, options: Sequence[str]) -> str:
    """Make the base; return what this machine does not allow or cannot reach, if anything."""
    return next(refusals(storage, options), "")


def refusals(storage: Storage, options: Sequence[str]) -> Iterator[str]:
    """Yield what stands in the way, each looked at when all before is well."""
    if shutil.disk_usage(storage.root).free < LEAST_BYTES:
        yield f"no {LEAST_BYTES // 10**9} GB of disk"
    if subprocess.run(["unshare", "--mount", "--propagation", "private", "true"]).returncode:
        yield "no mounts for root"
    container = storage.ran("from", "--name", "base", "scratch")
    mounted = storage.ran("mount", "base")
    if container.returncode or mounted.returncode:
        yield "no storage for buildah"
    # straight into the container's files: an archive would be written and read for nothing
    if subprocess.run([*DEBIAN, mounted.stdout.strip()], timeout=600).returncode:
        yield "no Debian packages for the base"
    for command, lacking in ((PYTHON, "no containers for root"), (TRIAL, "no package index in a build")):
        if storage.ran("run", *options, "base", "--", "sh", "-c", command).returncode:
            yield lacking
    if storage.ran("commit", "--rm", "base", BASE).returncode:
        yield "no storage for buildah"
