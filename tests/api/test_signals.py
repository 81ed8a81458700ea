"""Signals, to a process of their own."""

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from .raw import post, read_all, wait_for
from .server import LISTENING

ROOT = Path(__file__).parents[2]


@dataclass
class Process:
    running: "subprocess.Popen[str]"
    url: str
    port: int

    def ask(self, text: str) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        sock.sendall(post(b'{"input": "%s"}' % text.encode()))
        return sock

    def kill(self, number: signal.Signals) -> None:
        self.running.send_signal(number)

    def draining(self) -> bool:
        return httpx.get(f"{self.url}/readyz").status_code == 503


@pytest.fixture
def start() -> Iterator[Callable[[float], Process]]:
    started: list[subprocess.Popen[str]] = []

    def start(drain_seconds: float) -> Process:
        command = [sys.executable, "-m", "tests.api.server", str(drain_seconds)]
        process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": ":".join(sys.path)}
        )
        started.append(process)
        assert process.stdout
        found = LISTENING.match(process.stdout.readline())
        assert found
        return Process(process, found[1], int(found[2]))

    yield start
    for process in started:
        process.kill()
        process.communicate()


Start = Callable[[float], Process]


def in_flight(process: Process) -> socket.socket:
    sock = process.ask("hold")
    # A second answered request shows that the first was taken up.
    with closing(process.ask("a")) as other:
        assert other.recv(65536).startswith(b"HTTP/1.1 200")
    return sock


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_process_exits_0_at_once(start: Start, number: signal.Signals) -> None:
    process = start(30)
    with httpx.Client(base_url=process.url) as client:
        client.get("/livez")  # and keeps its connection open
        process.kill(number)
        assert process.running.wait(5) == 0


def test_it_exits_0_when_the_last_request_is_answered_or_gone(start: Start) -> None:
    process = start(30)
    sock = in_flight(process)
    process.kill(signal.SIGTERM)
    wait_for(process.draining)
    with closing(process.ask("late")) as late:
        assert b"connection: close" in read_all(late)
    assert process.running.poll() is None
    sock.close()
    assert process.running.wait(5) == 0


def test_it_exits_0_when_the_time_is_up(start: Start) -> None:
    process = start(0.3)
    with closing(in_flight(process)):
        process.kill(signal.SIGTERM)
        assert process.running.wait(5) == 0


def test_a_second_signal_ends_at_once(start: Start) -> None:
    process = start(30)
    with closing(in_flight(process)):
        process.kill(signal.SIGTERM)
        wait_for(process.draining)
        process.kill(signal.SIGTERM)
        assert process.running.wait(5) == -signal.SIGTERM
