"""`vectord serve` from the environment that holds it, and tiny checkpoints that its torch writes."""

import os
import re
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[3]
PYTHON = os.environ.get("VECTORD_PYTHON", str(ROOT / ".venv-dev/bin/python"))
LISTENING = re.compile(r"listening on http://\S+:(\d+)")
BUILD = """
import sys
from pathlib import Path
from tests.checkpoints import build
for family in sys.argv[2:]:
    build(family, Path(sys.argv[1]) / family)
"""


@dataclass
class Process:
    """A server that listens on `port`; `log` grows as it writes lines."""

    port: int
    log: list[str] = field(default_factory=list)


def environment(**changes: str) -> dict[str, str]:
    """Return what the server's process gets of ours: no key, no proxy, no hub."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    return {**kept, "HF_HUB_OFFLINE": "1", **changes}


def build(families: Sequence[str], out: Path) -> dict[str, Path]:
    """Write tiny checkpoints and return where each is."""
    done = subprocess.run(
        [PYTHON, "-c", BUILD, out, *families],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return {family: out / family for family in families}


@contextmanager
def serving(*arguments: str, cache: Path, env: dict[str, str]) -> Iterator[Process]:
    """Run `vectord serve` with these arguments; end it at last. Its log must tell of no fault."""
    with subprocess.Popen(
        [PYTHON, "-m", "vectord", "serve", "--port", "0", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(VECTORD_CACHE_DIR=str(cache), **env),
    ) as process:
        log: list[str] = []
        found = SimpleQueue[int | None]()
        reader = threading.Thread(target=read_log, args=(process, log, found))
        reader.start()
        try:
            port = found.get(timeout=90)
            assert port, f"the server did not start: {log}"
            yield Process(port, log)
        finally:
            process.terminate()
            process.wait(40)
            reader.join()
    assert not [line for line in log if "failed" in line or "Traceback" in line], log


def read_log(process: "subprocess.Popen[str]", log: list[str], found: "SimpleQueue[int | None]") -> None:
    """Keep each line; tell the port once it is there."""
    assert process.stderr is not None
    for line in process.stderr:
        log.append(line.rstrip())
        if match := LISTENING.search(line):
            found.put(int(match[1]))
    found.put(None)
