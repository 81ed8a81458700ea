"""Whether a copy in the hub's cache holds what the hub announced."""

import hashlib
import re
from pathlib import Path

from vectord.errors import CheckpointError

SHA256, GIT = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")


def check_digests(snapshot: Path) -> list[Path]:
    """Return a snapshot's files, each compared with the digest that the hub gave for it.

    The cache keeps a file under its digest: SHA-256 for large ones, git's object id for others (a mirror may
    give digests of another kind, which are not compared). Raises `CheckpointError` after taking damaged ones
    away, so that the next try fetches them.
    """
    files = sorted(file for file in snapshot.rglob("*") if file.is_file())
    damaged = [file for file in files if file.is_symlink() and is_damaged(file.resolve())]
    for file in damaged:
        file.resolve().unlink()
        file.unlink()
    if damaged:
        names = ", ".join(str(file.relative_to(snapshot)) for file in damaged)
        raise CheckpointError(f"{names}: not the content whose digest the hub gave; removed: pull again")
    return files


def is_damaged(blob: Path) -> bool:
    """Whether a file's content has another digest than its name says."""
    if SHA256.fullmatch(blob.name):
        with blob.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() != blob.name
    return bool(GIT.fullmatch(blob.name)) and git_id(blob) != blob.name


def git_id(file: Path) -> str:
    """Return the id under which git keeps a file: the SHA-1 of `blob SIZE NUL` and the content."""
    known = hashlib.sha1(f"blob {file.stat().st_size}\0".encode(), usedforsecurity=False)
    with file.open("rb") as content:
        while part := content.read(1 << 20):
            known.update(part)
    return known.hexdigest()
