"""`make soak`: a server at its defaults under full load for ten minutes; no error, and flat memory.

All kinds of traffic in turn, on 64 connections, from this process. After each turn the server's resident
memory is read: in the last third it may be no more than 5 % above what it was in the second.
"""

import argparse
import asyncio
import sys
import time
from collections import Counter
from itertools import pairwise

import httpx
import psutil
from tests.counts import Counts

from vectord.bench.load import Done, Load, Schedule
from vectord.bench.process import Process
from vectord.bench.target import Target
from vectord.bench.words import vocabulary
from vectord.bench.workload import WORKLOADS, Workload, calls_of
from vectord.models.resolve import DEFAULT_MODEL, Reference, resolve

TURN_SECONDS = 12.0
TEXTS = 20_000  # more than a turn can send
TURNS = [WORKLOADS[name] for name in ("mixed", "short", "requests-32", "rerank", "requests-256")]
FLAT = 1.05


def main() -> int:
    """Run, print, and return whether anything was wrong."""
    parser = argparse.ArgumentParser("bench.endure", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    asked = parser.parse_args()
    words = vocabulary(resolve(Reference.parse(asked.model)).path / "tokenizer.json")
    process, port = Process.serving(asked.model, ["--log-level", "warning"])
    try:
        server, target = psutil.Process(process.popen.pid), Target("here", "http", "127.0.0.1", port)
        faults = endured(server, target, words, asked.connections, 60 * asked.minutes)
    finally:
        process.close()
    print(*faults or ["no error, and memory is flat"], sep="\n")
    return bool(faults)


def endured(
    server: psutil.Process, target: Target, words: list[str], connections: int, seconds: float
) -> list[str]:
    """Send all kinds of traffic in turn; return what was wrong."""
    failed, resident, answered, end = Counter[str](), list[float](), 0, time.monotonic() + seconds
    while time.monotonic() < end or len(resident) < 3:
        workload = TURNS[len(resident) % len(TURNS)]
        done = turn(target, workload, words, connections)
        failed.update(done.failed)
        answered += len(done.latency)
        resident.append(server.memory_info().rss / 1e6)
        print(told(workload, done, resident[-1]), flush=True)
    print(f"{answered} requests answered in {len(resident)} turns; megabytes by thirds: {thirds(resident)}")
    faults = [f"{count} requests failed: {why}" for why, count in failed.items()]
    return faults + faults_of(resident, Counts.of(httpx.get(target.url("/metrics")).text))


def turn(target: Target, workload: Workload, words: list[str], connections: int) -> Done:
    """Send a workload for a turn."""
    calls = calls_of(workload, words, TEXTS // workload.scale, connections)
    schedule = Schedule(min(connections, workload.connections), seconds=TURN_SECONDS)
    return asyncio.run(Load(target, [target.sent(call) for call in calls], schedule).run())


def told(workload: Workload, done: Done, resident: float) -> str:
    """Return a turn in a line."""
    count = len(done.latency)
    return f"{workload.name}: {count} answered, {count / done.seconds:.0f} a second, {resident:.0f} MB"


def thirds(resident: list[float]) -> list[int]:
    """Return the most memory in each third of the turns."""
    bounds = [len(resident) * third // 3 for third in range(4)]
    return [round(max(resident[start:end])) for start, end in pairwise(bounds)]


def faults_of(resident: list[float], done: Counts) -> list[str]:
    """Return what is wrong at the end."""
    _, middle, last = thirds(resident)
    faults = [] if last <= FLAT * middle else [f"memory grew from {middle} to {last} MB"]
    faults += [f"{done.unfinished} requests are unfinished"] if done.unfinished else []
    return [*faults, *done.unbalanced()]


if __name__ == "__main__":
    sys.exit(main())
