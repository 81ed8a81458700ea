"""What is kept on disk: checked, bounded, never trusted, and never in the way of a start."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from vectord.backends import cache
from vectord.backends.cache import ABANDONED, ASIDE, DIGESTS, kept
from vectord.core import CacheSpace

MIB = 2**20


def key(name: str) -> str:
    return sha256(name.encode()).hexdigest()


class Entries:
    """A cache whose entries hold their own name, and that counts how often they are made."""

    def __init__(self, directory: Path, limit: int = MIB) -> None:
        self.space = CacheSpace(directory, limit)
        self.made: list[str] = []

    def get(self, name: str, size: int = 1000) -> str | None:
        def make(folder: Path) -> None:
            self.made.append(name)
            (folder / "name").write_text(name)
            (folder / "rest").write_bytes(bytes(size - len(name)))

        return kept(self.space, key(name), size, make, lambda folder: (folder / "name").read_text())

    def folder(self, name: str) -> Path:
        return self.space.directory / key(name)

    def names(self) -> set[str]:
        return {path.name for path in self.space.directory.iterdir()}


@pytest.fixture
def entries(tmp_path: Path) -> Entries:
    return Entries(tmp_path / "of/the/user")


def test_an_entry_is_made_once(entries: Entries) -> None:
    assert [entries.get("one") for _ in range(3)] == ["one"] * 3
    assert entries.made == ["one"]
    assert entries.names() == {key("one")}
    assert entries.space.directory.stat().st_mode & 0o077 == 0


def flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a bit": lambda folder: flip(folder / "rest"),
    "a cut": lambda folder: os.truncate(folder / "rest", 10),
    "nothing left": lambda folder: os.truncate(folder / "name", 0),
    "a lost file": lambda folder: (folder / "name").unlink(),
    "lost digests": lambda folder: (folder / DIGESTS).unlink(),
    "no digests": lambda folder: (folder / DIGESTS).write_text("[]"),
    "half of the digests": lambda folder: os.truncate(folder / DIGESTS, 9),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_made_anew(
    entries: Entries, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    entries.get("one")
    DAMAGES[damage](entries.folder("one"))
    assert entries.get("one") == "one"
    assert entries.made == ["one"] * 2
    assert "is damaged and is made anew" in caplog.text
    assert entries.get("one") == "one"
    assert entries.made == ["one"] * 2
    assert entries.names() == {key("one")}


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    entries = Entries(tmp_path, limit=4 * 1200)
    for age, name in enumerate(("d", "c", "b")):
        entries.get(name)
        used = time.time() - 100 * (3 - age)
        os.utime(entries.folder(name), (used, used))
    entries.get("d")  # used again
    entries.get("a")
    entries.get("e")
    entries.get("f")
    assert key("d") in entries.names()
    assert key("c") not in entries.names()
    assert {key("e"), key("f")} <= entries.names()
    assert sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file()) <= 4 * 1200


def test_nothing_else_in_the_directory_is_touched(tmp_path: Path) -> None:
    entries = Entries(tmp_path, limit=2000)
    others = [tmp_path / "notes.txt", tmp_path / "music/song", tmp_path / key("not ours") / "file"]
    for other in others:
        other.parent.mkdir(exist_ok=True)
        other.write_bytes(bytes(5000))
    for name in "abcd":
        entries.get(name)
    assert all(other.stat().st_size == 5000 for other in others)
    assert len([name for name in "abcd" if entries.folder(name).exists()]) == 1


def test_what_nobody_finished_goes_after_a_day(entries: Entries) -> None:
    entries.get("one")
    fresh, stale = (entries.space.directory / f"{ASIDE}{name}" for name in ("fresh", "stale"))
    fresh.mkdir()
    stale.mkdir()
    day_ago = time.time() - ABANDONED - 60
    os.utime(stale, (day_ago, day_ago))
    entries.get("two")
    assert fresh.exists()
    assert not stale.exists()


def test_an_entry_that_cannot_fit_is_not_made(entries: Entries) -> None:
    assert entries.get("large", 2 * MIB) is None
    assert entries.made == []


def test_a_limit_of_zero_is_no_cache(tmp_path: Path) -> None:
    entries = Entries(tmp_path, limit=0)
    assert entries.get("one") is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["a file", "a file above", "no such device"])
def test_a_place_that_cannot_be_written_is_one_warning(
    tmp_path: Path, place: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    places = {"a file": "file", "a file above": "file/below", "no such device": "/proc/nowhere"}
    cache.warn.cache_clear()
    entries = Entries(tmp_path / places[place])
    assert entries.get("one") is None
    assert entries.get("two") is None
    assert caplog.text.count("no cache in") == 1


def test_a_full_disk_leaves_nothing_behind(entries: Entries) -> None:
    def full(folder: Path) -> None:
        (folder / "half").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    assert kept(entries.space, key("one"), 10, full, lambda folder: "read") is None
    assert entries.names() == set()


def test_an_error_of_the_work_is_not_hidden(entries: Entries) -> None:
    def wrong(folder: Path) -> None:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        kept(entries.space, key("one"), 10, wrong, lambda folder: "read")
    assert entries.names() == set()


def test_a_cache_that_is_only_read_is_as_good(entries: Entries, monkeypatch: pytest.MonkeyPatch) -> None:
    entries.get("one")

    def read_only(*arguments: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "utime", read_only)
    assert entries.get("one") == "one"
    assert entries.made == ["one"]


def test_many_at_once_do_not_harm_each_other(tmp_path: Path) -> None:
    """Several threads make, damage, evict and read the same few entries."""
    entries = Entries(tmp_path, limit=3000)

    def work(number: int) -> list[bool]:
        found = []
        for turn in range(30):
            name = "abcde"[(number + turn) % 5]
            if turn % 7 == number:
                (entries.folder(name) / "name").unlink(missing_ok=True)
            found.append(entries.get(name) in (name, None))
        return found

    with ThreadPoolExecutor(6) as pool:
        assert all(all(found) for found in pool.map(work, range(6)))
    assert not [name for name in entries.names() if name.startswith(ASIDE)]
    assert all(entries.get(name) == name for name in "abcde")
