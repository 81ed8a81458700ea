"""`python -m bench.edge`: CPU time of a request outside tokenising and the model, beside infinity's.

CPU time of the server process, user and system, all threads: what a busy machine does to the clock on
the wall does not count. Rounds of all servers are interleaved.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from vectord.hardware import detect

from .contender import ENVIRONMENT
from .edge_rows import WIDTH

PORT = 8871
TEXT = "How do I change the colour of the lamp in the hall?"
INPUTS = 256
INFINITY = ".venv-infinity/bin/python"
# as the openai package sends them
HEADERS = (
    "host: 127.0.0.1\r\nconnection: keep-alive\r\naccept: application/json\r\n"
    "content-type: application/json\r\n"
    "user-agent: OpenAI/Python 3.52.0\r\nx-stainless-lang: python\r\nx-stainless-package-version: 3.52.0\r\n"
    "x-stainless-os: Linux\r\nx-stainless-arch: x64\r\nx-stainless-runtime: CPython\r\n"
    "x-stainless-runtime-version: 3.11.7\r\nx-stainless-async: false\r\nx-stainless-retry-count: 0\r\n"
    "x-stainless-read-timeout: 600\r\nauthorization: Bearer sk-none\r\naccept-encoding: gzip, deflate\r\n"
)


@dataclass(frozen=True, slots=True)
class Case:
    """A request, how many of them make a round, and on how many connections."""

    name: str
    body: bytes
    requests: int
    connections: int

    @property
    def sent(self) -> bytes:
        """The request's bytes."""
        head = f"POST /v1/embeddings HTTP/1.1\r\n{HEADERS}content-length: {len(self.body)}\r\n\r\n"
        return head.encode() + self.body


def body(content: str | list[str], form: str) -> bytes:
    return json.dumps({"input": content, "model": "stub", "encoding_format": form}).encode()


MANY = [f"{TEXT} {number}" for number in range(INPUTS)]
CASES = (
    Case("1 text, base64", body(TEXT, "base64"), 3000, 16),
    Case("1 text, float", body(TEXT, "float"), 3000, 16),
    Case("1 text, base64, 1 connection", body(TEXT, "base64"), 2000, 1),
    Case(f"{INPUTS} texts, base64", body(MANY, "base64"), 60, 2),
    Case(f"{INPUTS} texts, float", body(MANY, "float"), 30, 2),
)


async def drive(port: int, case: Case, requests: int) -> None:
    """Send so many requests, each connection its next one when it has its answer."""
    left = iter(range(requests))

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
        for _ in left:
            writer.write(case.sent)
            await answer(reader)
        writer.close()

    await asyncio.gather(*(connection() for _ in range(case.connections)))


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Read one answer; anything but 200 ends the benchmark."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b" 200" not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"the server answered {head.splitlines()[0]!r}")
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    return await reader.readexactly(length)


def milliseconds(server: psutil.Process, port: int, case: Case) -> float:
    """Return the CPU time of one request."""
    asyncio.run(drive(port, case, case.requests // 10))
    before = server.cpu_times()
    asyncio.run(drive(port, case, case.requests))
    after = server.cpu_times()
    return float(1000 * (after.user + after.system - before.user - before.system) / case.requests)


@contextmanager
def started(command: list[str], port: int) -> Iterator[psutil.Process]:
    """Start a server and wait until it answers."""
    with subprocess.Popen(
        command, env=ENVIRONMENT | {"DO_NOT_TRACK": "1"}, stdout=subprocess.DEVNULL
    ) as process:
        try:
            while not answers(port):
                if process.poll() is not None:
                    raise RuntimeError(f"{command} did not start")
                time.sleep(0.1)  # nothing to wait on before the port is open
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def answers(port: int) -> bool:
    """Whether a server answers there."""
    try:
        asyncio.run(drive(port, CASES[0], 1))
    except OSError:
        return False
    return True


def main() -> None:
    """Measure and print a Markdown table."""
    parser = argparse.ArgumentParser("bench.edge", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--infinity", type=Path, default=Path(INFINITY), help="the Python of infinity's venv")
    arguments = parser.parse_args()
    commands = {"vectord": [sys.executable, "-m", "bench.edge_vectord"]}
    if arguments.infinity.exists():
        commands["infinity"] = [str(arguments.infinity), str(Path(__file__).with_name("edge_infinity.py"))]
    with ExitStack() as stack:
        ports = {name: PORT + index for index, name in enumerate(commands)}
        servers = {
            name: stack.enter_context(started([*command, str(ports[name])], ports[name]))
            for name, command in commands.items()
        }
        rounds = [
            {
                (name, case.name): milliseconds(servers[name], ports[name], case)
                for case in CASES
                for name in servers
            }
            for _ in range(arguments.rounds)
        ]
    print(table(list(commands), rounds))


def table(names: list[str], rounds: list[dict[tuple[str, str], float]]) -> str:
    """Return the medians, and ratios taken round by round."""
    hardware = detect()
    lines = [
        f"{hardware.cpu}, {hardware.cores} cores, load average {os.getloadavg()[0]:.1f}; "
        f"CPU milliseconds of a request, {WIDTH} dimensions, medians of {len(rounds)} rounds, least and most",
        "",
        f"| | {' | '.join(names)} | times less |",
        "|---|" + "---|" * (len(names) + 1),
    ]
    for case in CASES:
        found = {name: [one[name, case.name] for one in rounds] for name in names}
        cells = [f"{statistics.median(one):.3f} ({min(one):.3f}-{max(one):.3f})" for one in found.values()]
        ratio = ratio_of(found[names[-1]], found["vectord"]) if len(names) > 1 else ""
        lines.append(f"| {case.name} | {' | '.join(cells)} | {ratio} |")
    both = [[one["vectord", f"{INPUTS} texts, {form}"] for one in rounds] for form in ("float", "base64")]
    return "\n".join([*lines, "", f"vectord's base64 costs {ratio_of(*both)} times less than its floats"])


def ratio_of(more: list[float], less: list[float]) -> str:
    """Return how many times as much the first is, as the median over rounds."""
    return f"{statistics.median(a / b for a, b in zip(more, less, strict=True)):.1f}"


if __name__ == "__main__":
    main()
