"""What is derived from checkpoints, kept on disk: made aside, renamed, checked by digest, bounded.

An entry is a folder under its key, with the SHA-256 of each of its files. Processes need no lock: an entry
is whole from the moment it is there, and of two that are made at once the first stays.
"""

import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TypeVar

from vectord.core import CacheSpace

Result = TypeVar("Result")
DIGESTS = "digests.json"
ASIDE = ".aside-"
KEY = re.compile("[0-9a-f]{64}")
ABANDONED = 24 * 3600  # seconds after which nobody is still making an entry

log = logging.getLogger("vectord")


def kept(
    space: CacheSpace | None,
    key: str,
    size: int,
    make: Callable[[Path], None],
    read: Callable[[Path], Result],
) -> Result | None:
    """Return what `read` makes of an entry's folder, None where there is no cache that can hold it.

    An entry that is absent or damaged is made with `make` in an empty folder; it takes about `size` bytes.
    """
    if space is None or space.limit == 0:
        return None
    if size > space.limit:
        log.info("the cache holds %d bytes, too few for an entry of %d", space.limit, size)
        return None
    folder = space.directory / key
    try:
        if not sound(folder):
            discard(folder)
            add(space, folder, size, make)
        with suppress(OSError):  # a cache that is only read is as good
            os.utime(folder)
        return read(folder)
    except OSError as error:
        warn(space.directory, error.strerror or type(error).__name__)
        return None


@cache
def warn(directory: Path, reason: str) -> None:
    """Say once that there is no cache."""
    log.warning("no cache in %s (%s): the next start does the work of this one again", directory, reason)


def sound(folder: Path) -> bool:
    """Whether an entry is there and every file in it is as it was written."""
    if not folder.exists():
        return False
    try:
        digests = json.loads((folder / DIGESTS).read_text())
        if all(digest(folder / name) == written for name, written in digests.items()):
            return True
    except (OSError, ValueError, AttributeError):
        pass
    log.warning("the cache entry %s is damaged and is made anew", folder)
    return False


def digest(file: Path) -> str:
    """Return a file's SHA-256."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def add(space: CacheSpace, folder: Path, size: int, make: Callable[[Path], None]) -> None:
    """Make an entry aside and rename it; if another process was first, its entry stays."""
    space.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    make_room(space, size)
    aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=space.directory))
    try:
        make(aside)
        digests = {file.name: digest(file) for file in aside.iterdir()}
        (aside / DIGESTS).write_text(json.dumps(digests))
        put(aside, folder)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def put(aside: Path, folder: Path) -> None:
    """Give an entry its name, unless another process was first."""
    try:
        aside.rename(folder)
    except OSError:
        if not folder.exists():
            raise


def make_room(space: CacheSpace, size: int) -> None:
    """Discard the entries used longest ago until `size` more bytes fit, and what was abandoned."""
    entries = sorted(measured(space.directory, is_entry))
    total = sum(taken for _, taken, _ in entries)
    for _, taken, folder in entries:
        if total + size <= space.limit:
            break
        discard(folder)
        total -= taken
    for used, _, folder in measured(space.directory, lambda folder: folder.name.startswith(ASIDE)):
        if used < time.time() - ABANDONED:
            shutil.rmtree(folder, ignore_errors=True)


def is_entry(folder: Path) -> bool:
    """Whether a folder is ours to discard, whatever else somebody keeps in the directory."""
    return KEY.fullmatch(folder.name) is not None and (folder / DIGESTS).exists()


def measured(directory: Path, wanted: Callable[[Path], bool]) -> Iterator[tuple[float, int, Path]]:
    """Yield each wanted folder with the time of its last use and its bytes."""
    for folder in filter(wanted, directory.iterdir()):
        with suppress(FileNotFoundError):  # another process may be discarding it
            used = folder.stat().st_mtime
            yield used, sum(file.stat().st_size for file in folder.iterdir()), folder


def discard(folder: Path) -> None:
    """Take an entry away: out of sight first, so that no process finds half of it."""
    if folder.exists():
        aside = Path(tempfile.mkdtemp(prefix=ASIDE, dir=folder.parent))
        with suppress(FileNotFoundError):  # another process was first
            folder.rename(aside / "old")
        shutil.rmtree(aside, ignore_errors=True)
