"""A server as a process: started, asked for its CPU time, stopped while others are measured, ended."""

import atexit
import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any, Self

from ..errors import StartError

LISTENING = re.compile(r"listening on http://\S+:(\d+)")
START_SECONDS = 600.0  # an int8 model is compared with float32 at its first start


class Process:
    """A process in a group of its own."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.DEVNULL,
    ) -> None:
        self.name = name
        self._last: deque[str] = deque(maxlen=5)
        self._ports: SimpleQueue[int | None] = SimpleQueue()
        self.popen = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        atexit.register(self.close)  # a paused process would outlive us unseen
        threading.Thread(target=self._read, daemon=True).start()

    @classmethod
    def serving(cls, model: str, flags: Sequence[str]) -> tuple[Self, int]:
        """Start `vectord serve` and return it with its port. Raises `StartError` with its own last line."""
        command = [sys.executable, "-m", "vectord", "serve", model, *flags, "--port", "0"]
        process = cls(" ".join(["vectord serve", model, *flags]), command, os.environ)
        try:
            port = process._ports.get(timeout=START_SECONDS)
        except Empty:
            port = None
        if port is None:
            process.close()
            raise StartError(process.last_word())
        return process, port

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.popen.poll() is None

    @property
    def pid(self) -> int:
        """Its number."""
        return self.popen.pid

    def last_word(self) -> str:
        """Return the last line that it wrote."""
        return (self._last[-1] if self._last else f"{self.name} ended without a word").removeprefix(
            "vectord: "
        )

    def cpu_seconds(self) -> float | None:
        """Return user and system time of it and its children; None where psutil is not installed."""
        psutil = library()
        if psutil is None:
            return None
        root = psutil.Process(self.pid)
        times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
        return float(sum(one.user + one.system for one in times))

    def resident_bytes(self) -> int | None:
        """Return its resident memory, children left out; None where psutil is not installed."""
        psutil = library()
        return None if psutil is None else int(psutil.Process(self.pid).memory_info().rss)

    def pause(self) -> None:
        """Take it from the cores, where the system can."""
        self._signal("SIGSTOP")

    def go_on(self) -> None:
        """Let it run again."""
        self._signal("SIGCONT")

    def close(self) -> None:
        """End it; what has ended stays so."""
        atexit.unregister(self.close)
        if not self.alive:
            return
        self.go_on()
        self.popen.terminate()
        try:
            self.popen.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()

    def _signal(self, name: str) -> None:
        if hasattr(signal, name) and hasattr(os, "killpg"):
            with suppress(ProcessLookupError):
                os.killpg(self.pid, getattr(signal, name))

    def _read(self) -> None:
        assert self.popen.stderr is not None
        for line in self.popen.stderr:
            self._last.append(line.strip())
            if match := LISTENING.search(line):
                self._ports.put(int(match[1]))
        self._ports.put(None)


def end_on_sigterm() -> None:
    """Let SIGTERM do what Ctrl-C does, so that processes started here end too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def library() -> Any:
    """Return psutil, or None."""
    try:
        import psutil
    except ImportError:
        return None
    return psutil
