"""Processes that a benchmark starts, asks for rounds, and ends."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import psutil

ENVIRONMENT = {**os.environ, "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}


class Contender(Protocol):
    """Something that works through all texts in a round."""

    def round(self) -> dict[str, Any]:
        """Return `seconds`, and what else was measured."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Worker:
    """A benchmark module as a process that runs one round for each line that it is sent."""

    def __init__(self, module: str, *arguments: str) -> None:
        command = [sys.executable, "-m", f"bench.{module}", *arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
        )
        self.ready = self._answer()

    def round(self, order: str = "") -> dict[str, Any]:
        """Run once; `order` is what the module reads."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n")
        self._process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=30)

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a benchmark process ended early")
        answer: dict[str, Any] = json.loads(line)
        return answer


class Server:
    """vectord as a user starts it, and a load client for each round."""

    def __init__(self, port: int, texts: Path, connections: int, flags: Sequence[str]) -> None:
        self._load = [sys.executable, "-m", "bench.load", str(port), str(texts), str(connections)]
        start = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "vectord",
            "serve",
            "--port",
            str(port),
            "--log-level",
            "warning",
            *flags,
        ]
        self._process = subprocess.Popen(command, env=ENVIRONMENT)
        self._first_answer(f"http://127.0.0.1:{port}/v1/embeddings")
        self.start_seconds = time.perf_counter() - start

    def round(self) -> dict[str, Any]:
        """Send all texts."""
        done = subprocess.run(self._load, capture_output=True, text=True, check=True, env=ENVIRONMENT)
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    @property
    def resident_bytes(self) -> int:
        """Resident memory of the server."""
        return int(psutil.Process(self._process.pid).memory_info().rss)

    def close(self) -> None:
        """End the server."""
        self._process.terminate()
        self._process.wait(timeout=30)

    def _first_answer(self, url: str) -> None:
        body = json.dumps({"input": "hello"}).encode()
        request = urllib.request.Request(url, body, {"content-type": "application/json"})
        while True:
            if self._process.poll() is not None:
                raise RuntimeError("the server did not start")
            try:
                urllib.request.urlopen(request, timeout=30).read()
                return
            except urllib.error.URLError:
                time.sleep(0.02)  # nothing to wait on before the port is open
