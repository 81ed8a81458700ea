"""A digest that changes when anything that changes the vectors does."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

SAMPLES = 64
SAMPLE_BYTES = 64 * 1024
SMALL = 64 * 1024 * 1024


def fingerprint(files: Iterable[Path], words: Iterable[str]) -> str:
    """Digest the files that make the vectors and the choices that do (pooling, prompts …).

    Files up to 64 MiB are read whole; of larger ones the size and 64 evenly spread blocks, so that
    a 14 GB checkpoint takes milliseconds.
    """
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name} {file.stat().st_size}\n".encode())
        add_content(digest, file)
    for word in words:
        digest.update(f"{word}\n".encode())
    return digest.hexdigest()[:32]


def add_content(digest: "hashlib._Hash", file: Path) -> None:
    """Add a file's bytes, or samples of them."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        if size <= SMALL:
            digest.update(stream.read())
            return
        for index in range(SAMPLES):
            stream.seek((size - SAMPLE_BYTES) * index // (SAMPLES - 1))
            digest.update(stream.read(SAMPLE_BYTES))
