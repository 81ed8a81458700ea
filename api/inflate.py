"""Compressed request bodies: inflated within a limit, whatever they claim of themselves."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from backports import zstd

CHUNK = 64 * 1024  # what a member leaves unused is copied
MOST_MEMBERS = 1024  # empty ones cost work too, and give nothing that a limit could count
ZSTD_WINDOW_LOG = 23  # 8 MB: none may need more for HTTP (RFC 9659)
GZIP, ZLIB = 31, 15  # zlib's words for the two formats


class Broken(ValueError):
    """The data is not what it claims to be, or not all of it."""


class TooMuch(ValueError):
    """There is more inside than the limit."""


class Decompressor(Protocol):
    """One member's decompressor, as zlib and zstd have it."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What came after the member's end."""
        ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return at most `max_length` bytes; fewer mean that all of `data` was taken."""
        ...


@dataclass(frozen=True, slots=True)
class Coding:
    """A content coding: how to begin a member, and whether others may follow it."""

    begin: Callable[[], Decompressor]
    repeats: bool = True


def zstd_frame() -> Decompressor:
    """Return a decompressor of one frame that takes no more memory than HTTP allows."""
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG})


GZIPPED = Coding(lambda: zlib.decompressobj(GZIP))
CODINGS = {
    "gzip": GZIPPED,
    "x-gzip": GZIPPED,
    "deflate": Coding(lambda: zlib.decompressobj(ZLIB), repeats=False),
    "zstd": Coding(zstd_frame),
}


def inflate(data: bytes, coding: Coding, limit: int) -> bytes:
    """Return what is inside. Raises `Broken`, or `TooMuch` having inflated one byte over the limit."""
    parts: list[bytes] = []
    room, at, members = limit, 0, 0
    while at < len(data) or not members:
        members += 1
        if members > (MOST_MEMBERS if coding.repeats else 1):
            raise Broken
        at, room = member(coding.begin(), data, at, room, parts)
    return b"".join(parts)


def member(
    decompressor: Decompressor, data: bytes, at: int, room: int, parts: list[bytes]
) -> tuple[int, int]:
    """Inflate one member from a place on, into `parts`; return where it ends and the room left."""
    while not decompressor.eof:
        chunk = data[at : at + CHUNK]
        if not chunk:
            raise Broken
        try:
            part = decompressor.decompress(chunk, room + 1)
        except (zlib.error, zstd.ZstdError) as error:
            raise Broken from error
        parts.append(part)
        at += len(chunk)
        room -= len(part)
        if room < 0:
            raise TooMuch
    return at - len(decompressor.unused_data), room
