"""Programs out of Debian packages, unpacked beside the tests' own and not installed on the machine."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(sys.prefix) / "debian"
PLACES = ("usr/sbin", "usr/bin")
APT = ("apt-get", "-qq", "-o", "Debug::NoLocking=1", "-o", "APT::Sandbox::User=")  # works for any user
OWN_LISTS = ("-o", f"Dir::State::lists={FOLDER}/lists", "-o", f"Dir::Cache={FOLDER}/cache")


def command(program: str) -> tuple[str, ...] | None:
    """Return the words that start a program, the machine's own if it has one; None where there is none."""
    if on_path := shutil.which(program):
        return (on_path,)
    for place in PLACES:
        if (FOLDER / place / program).is_file():
            libraries = ":".join(str(one) for one in (FOLDER / "usr/lib").glob("*-linux-*"))
            # env becomes the program, so a signal to this process reaches it
            return ("/usr/bin/env", f"LD_LIBRARY_PATH={libraries}", str(FOLDER / place / program))
    return None


def fetched(package: str) -> bool:
    """Return whether the program that a package is named for is there, after fetching what is not."""
    if command(package):
        return True
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return False
    return unpacked(package, APT) or unpacked(package, fresh())


def fresh() -> tuple[str, ...]:
    """Return how to call apt-get with lists of today: old ones name files that are gone."""
    for name in ("lists", "cache"):
        (FOLDER / name).mkdir(parents=True, exist_ok=True)
    apt = (*APT, *OWN_LISTS)
    subprocess.run((*apt, "update"), stdout=subprocess.DEVNULL)
    return apt


def unpacked(package: str, apt: tuple[str, ...]) -> bool:
    """Unpack a package with those it needs that the machine lacks; return whether that went well."""
    with tempfile.TemporaryDirectory() as there:
        names = lacked(package, apt)
        if not names or subprocess.run((*apt, "download", *names), cwd=there).returncode:
            return False
        FOLDER.mkdir(exist_ok=True)
        for one in Path(there).glob("*.deb"):
            subprocess.run(("dpkg-deb", "--extract", one, FOLDER), check=True)
    return command(package) is not None


def lacked(package: str, apt: tuple[str, ...]) -> list[str]:
    """Return the packages that an installation would bring; none where it cannot be had."""
    words = (*apt, "--simulate", "--no-install-recommends", "install", package)
    told = subprocess.run(words, capture_output=True, text=True).stdout
    return [line.split()[1] for line in told.splitlines() if line.startswith("Inst ")]
