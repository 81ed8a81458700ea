"""Contenders without HTTP: a benchmark module as a process that works through texts when told to."""

import json
import subprocess
import sys
from typing import Any

from vectord.bench.contender import Work, vectors
from vectord.bench.process import Process
from vectord.bench.workload import Workload
from vectord.errors import StartError

from .contender import ENVIRONMENT


class TextWorker:
    """A module of bench that answers each line of input, an order, with a line of figures."""

    def __init__(self, name: str, module: str, *arguments: str) -> None:
        self.name = name
        command = [sys.executable, "-m", f"bench.{module}", *arguments]
        self.process = Process(name, command, ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ready = self._answer()

    def lacks(self, workload: Workload) -> str | None:
        """It has texts to embed, and no schedule."""
        if workload.pairs or workload.burst:
            return "it has no requests, only texts to embed"
        return None

    def round(self, work: Work) -> dict[str, Any]:
        """Run all texts of a work at once; on one connection, one by one."""
        order = {
            "calls": [call.texts for call in work.calls],
            "checked": work.checked,
            "one_by_one": work.connections == 1,
            "seconds": work.seconds,
        }
        found = self._ask(json.dumps(order))
        done = work.calls[: found.pop("done", len(work.calls))]
        counts = {"requests": len(done), "texts": sum(len(call.texts) for call in done)}
        words = sum(call.words for call in done)
        return {**found, **counts, "words": words, "failed": {}, "vectors": vectors(found["vectors"])}

    def _ask(self, order: str) -> dict[str, Any]:
        stdin = self.process.popen.stdin
        assert stdin is not None
        stdin.write(f"{order}\n")
        stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self.process.popen.stdout is not None
        line = self.process.popen.stdout.readline()
        if not line:
            self.process.close()
            raise StartError(f"{self.name}: {self.process.last_word()}")
        answer: dict[str, Any] = json.loads(line)
        return answer
