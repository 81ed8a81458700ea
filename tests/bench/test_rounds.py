"""The course of a benchmark: rounds take turns, and one contender runs at a time."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from vectord.bench.contender import Contender, Work
from vectord.bench.plots import plot
from vectord.bench.process import Process
from vectord.bench.rounds import Results, measure, steps
from vectord.bench.summary import percentiles
from vectord.bench.workload import WORKLOADS, Call, Workload

CALLS = [Call((f"text {number}",)) for number in range(20)]


@dataclass
class Log:
    """What happened, and who was running."""

    rounds: list[tuple[str, int]] = field(default_factory=list)
    running: set[str] = field(default_factory=set)


@dataclass
class Fake:
    """A contender and its process in one; its vectors lean by an angle."""

    name: str
    log: Log
    angle: float = 0.0

    @property
    def process(self) -> Process:
        return cast(Process, self)

    def pause(self) -> None:
        self.log.running.discard(self.name)

    def go_on(self) -> None:
        self.log.running.add(self.name)

    def lacks(self, workload: Workload) -> str | None:
        return "it cannot" if workload.pairs and self.name == "b" else None

    def round(self, work: Work) -> dict[str, Any]:
        assert self.log.running == {self.name}
        self.log.rounds.append((self.name, len(work.calls)))
        row = np.array([np.cos(self.angle), np.sin(self.angle)], np.float32)
        done = {"seconds": 1.0, "texts": 20, "words": 40, "failed": {}, "latency": percentiles([0.1, 0.2])}
        return {**done, "vectors": {str(number): row for number in work.checked}}


def measured(workload: str, rounds: int) -> tuple[Results, Log, list[str]]:
    log, told = Log(), list[str]()
    contenders = [cast(Contender, one) for one in (Fake("a", log), Fake("b", log, 0.1), Fake("c", log))]
    log.running = {"a", "b", "c"}
    works = [Work(WORKLOADS[workload], CALLS, 4)]
    results = measure(contenders, works, rounds, told.append)
    assert len(told) <= steps(contenders, works, rounds)
    return results, log, told


def test_each_is_warmed_up_and_then_rounds_take_turns() -> None:
    results, log, told = measured("mixed", 2)
    assert log.rounds == [(name, 4) for name in "abc"] + [(name, 20) for name in "abcabc"]
    assert log.running == set()
    assert [(run["round"], run["contender"]) for run in results.runs] == [
        (number, name) for number in (0, 1) for name in "abc"
    ]
    assert told[0] == "mixed, 4 connections: a, warming up"
    assert told[-1] == "mixed, 4 connections: c"


def test_vectors_are_compared_with_the_first() -> None:
    results, _, _ = measured("mixed", 1)
    assert [round(run["cosine"], 4) for run in results.runs] == [1, round(np.cos(0.1), 4), 1]
    [fault] = results.faults()
    assert fault == "b: other vectors than a, least cosine 0.9950"


def test_who_cannot_do_it_is_left_out_and_named() -> None:
    results, log, _ = measured("rerank", 1)
    assert results.skipped == {"b on rerank": "it cannot"}
    assert {name for name, _ in log.rounds} == {"a", "c"}


def test_plots_are_written(tmp_path: Path) -> None:
    results, _, _ = measured("mixed", 2)
    assert plot(results, tmp_path) is None
    assert {file.name for file in tmp_path.iterdir()} == {"throughput-mixed.png", "latency-mixed.png"}


def test_without_matplotlib_a_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vectord.bench.plots.find_spec", lambda name: None)
    reason = plot(Results(), tmp_path)
    assert reason == "matplotlib is not installed: pip install 'vectord[bench]'"
    assert list(tmp_path.iterdir()) == []
