"""A container as a process of this machine, with its hooks."""

import subprocess
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from .programs import program
from .store import Object, Store
from .variables import Downward, expanded, variables
from .volumes import Volumes

LEAST_GRACE = 2.0  # seconds between SIGTERM and SIGKILL, however long a hook took


@dataclass(frozen=True)
class Ending:
    """How a container ended: its status as Python tells it, and whether it took SIGKILL after its grace."""

    status: int
    forced: bool


class Container:
    """One run of a container; a restart is another one."""

    def __init__(self, spec: Object, volumes: Volumes, pod: Downward, store: Store, log: Path) -> None:
        self.spec, self.address, self._folder = spec, pod.address, log.parent
        self._variables = {
            name: volumes.inside(spec, value) for name, value in variables(spec, pod, store).items()
        }
        self._inside = lambda word: volumes.inside(spec, expanded(word, self._variables))
        words: list[str] = [*spec["command"], *spec.get("args", ())]
        first, *rest = words
        self._program = program(first)
        with log.open("ab") as lines:
            self.process = subprocess.Popen(
                [*self._program.words, *map(self._inside, rest)],
                env=self._variables, stdout=lines, stderr=lines, cwd=self._folder,
            )  # fmt: skip

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self.process.poll() is None

    def port(self, asked: str | int) -> int:
        """Return a port by number or by the name that the spec gives it."""
        named = {one["name"]: int(one["containerPort"]) for one in self.spec["ports"]}
        return int(named.get(str(asked), asked))

    def ran(self, words: list[str], seconds: float) -> bool:
        """Return whether a command in the container ended well and in time."""
        first, *rest = words
        try:
            command = [*program(first).words, *map(self._inside, rest)]
            told = subprocess.run(
                command, env=self._variables, timeout=seconds, cwd=self._folder, capture_output=True
            )
            return told.returncode == 0
        except subprocess.TimeoutExpired:
            return False

    def got(self, asked: Object, seconds: float) -> bool:
        """Return whether a GET of a probe or hook is answered by a status from 200 to 399, in time."""
        client = HTTPConnection(asked.get("host", self.address), self.port(asked["port"]), timeout=seconds)
        try:
            client.request(
                "GET", asked["path"], headers={h["name"]: h["value"] for h in asked.get("httpHeaders", ())}
            )
            return 200 <= client.getresponse().status < 400
        except (OSError, HTTPException):
            return False
        finally:
            client.close()

    def stop(self, grace: float) -> Ending:
        """Run the preStop hook, then ask the process to end, then kill it: within `grace` seconds."""
        deadline = time.monotonic() + grace
        self._prepare(self.spec.get("lifecycle", {}).get("preStop", {}), deadline)
        self.process.send_signal(self._program.stop)
        try:
            return Ending(self.process.wait(max(deadline - time.monotonic(), LEAST_GRACE)), forced=False)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return Ending(self.process.wait(), forced=True)

    def _prepare(self, hook: Object, deadline: float) -> None:
        left = deadline - time.monotonic()
        match hook:
            case {"sleep": {"seconds": seconds}}:
                self._outlasted(min(seconds, left))
            case {"exec": {"command": words}}:
                self.ran(words, left)
            case {"httpGet": asked}:
                self.got(asked, left)

    def _outlasted(self, seconds: float) -> None:
        """Wait, unless the process ends meanwhile."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return

    def kill(self) -> None:
        """End the process as a crash would."""
        self.process.kill()
