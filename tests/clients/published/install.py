"""Installs the clients, without their dependencies' leave to bring more; run by .venv-clients' own Python.

What cannot be installed on this machine is left out and named in .venv-clients/lacking, which .ci/run tells.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).parent
NODE = HERE / "node"


def ran(command: Sequence[object], cwd: Path = HERE) -> bool:
    """Return whether a command ended well."""
    return subprocess.run([str(one) for one in command], cwd=cwd).returncode == 0


def pip(*arguments: object) -> bool:
    """Return whether pip could install so: just what is named, so that nothing pulls torch in."""
    return ran((sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *arguments))


def python_clients() -> Iterator[str]:
    """Install requirements.txt, one by one where it cannot be had whole; yield what is lacking."""
    file = HERE / "requirements.txt"
    if pip("-r", file):
        return
    if not pip("pytest"):
        sys.exit("no package can be had: is the package index reachable?")
    for line in file.read_text().splitlines():
        if line and not pip(line):
            yield line.partition("==")[0]


def newest_clients() -> Iterator[str]:
    """Install newest.txt beside the others."""
    target = Path(sys.prefix) / "newest"
    shutil.rmtree(target, ignore_errors=True)
    if not pip("--target", target, "-r", HERE / "newest.txt"):
        yield "the newest openai, cohere and huggingface_hub"


def npm_clients() -> Iterator[str]:
    """Install what node/package.json names."""
    npm = shutil.which("npm")
    if npm is None:
        yield "clients from npm (no npm)"
    elif not ran((npm, "ci", "--silent"), NODE):
        yield "clients from npm"


def main() -> None:
    """Install all, and say what is lacking."""
    lacking = [*python_clients(), *newest_clients(), *npm_clients()]
    (Path(sys.prefix) / "lacking").write_text("".join(f"{one}\n" for one in lacking))


if __name__ == "__main__":
    main()
