"""`vectord serve` as a user starts it: a process of its own, on a port that the system chose."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from vectord.models.resolve import PACKAGED, package_folder

LISTENING = re.compile(r"listening on (http://\S+:(\d+))")
COMMAND = (sys.executable, "-m", "vectord")
DEFAULT_MODEL = next(map(package_folder, PACKAGED))
CACHE = tempfile.TemporaryDirectory(prefix="vectord-cache-")  # nobody's own cache is touched


def environment(**changes: str) -> dict[str, str]:
    """Return what a process gets of ours: no setting, no path of the repository, no hub."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "HF_HUB_OFFLINE": "1", "VECTORD_CACHE_DIR": CACHE.name, **changes}


@dataclass
class Server:
    """A server that listens; `log` grows as it writes lines."""

    process: "subprocess.Popen[str]"
    log: list[str] = field(default_factory=list)
    url: str = ""
    port: int = 0

    def terminate(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float = 20) -> int:
        return self.process.wait(seconds)

    def read_log(self, found: "SimpleQueue[re.Match[str] | None]") -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(line.rstrip())
            if match := LISTENING.search(line):
                found.put(match)
        found.put(None)


@contextmanager
def serving(
    *arguments: str,
    command: Sequence[str] = COMMAND,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Iterator[Server]:
    """Run `vectord serve` with these arguments; end it at last."""
    with subprocess.Popen(
        [*command, "serve", "--port", "0", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**(env or {})),
        cwd=cwd,
    ) as process:
        server, found = Server(process), SimpleQueue[re.Match[str] | None]()
        reader = threading.Thread(target=server.read_log, args=(found,))
        reader.start()
        try:
            match = found.get(timeout=60)
            assert match, f"the server did not start: {server.log}"
            server.url, server.port = match[1], int(match[2])
            yield server
        finally:
            end(process)
            reader.join()


def end(process: "subprocess.Popen[str]") -> None:
    """End a server, which may have ended by itself."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
