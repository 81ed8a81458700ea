"""A benchmark module as a process that is told by the line what to run."""

import json
import os
import subprocess
import sys
from typing import Any

ENVIRONMENT = {**os.environ, "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}


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
