"""A real server around the fake engine: in a thread here, or `python -m tests.api.server` for signals."""

import asyncio
import logging
import queue
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, cast

import uvloop

from vectord.api import Drain, Metrics, bind, create_app, serve
from vectord.config import Settings

from .fake import FakeEngine

LISTENING = re.compile(r"listening on (http://\S+:(\d+))")


@dataclass
class Server:
    url: str
    port: int
    engine: FakeEngine
    drain: Drain
    loop: asyncio.AbstractEventLoop
    thread: threading.Thread

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def leave(self) -> None:
        with suppress(RuntimeError):  # the loop has ended by itself
            self.loop.call_soon_threadsafe(self.drain.begin)

    def release(self) -> None:
        self.loop.call_soon_threadsafe(self.engine.release.set)


class Heard(logging.Handler):
    """Hears the line that tells the true port."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: queue.Queue[str] = queue.Queue()

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.put(record.getMessage())

    def port(self) -> tuple[str, int]:
        found = LISTENING.match(self.lines.get(timeout=10))
        assert found
        return found[1], int(found[2])


@contextmanager
def hearing() -> Iterator[Heard]:
    log = logging.getLogger("vectord.api.serve")
    heard = Heard()
    log.addHandler(heard)
    log.setLevel(logging.INFO)
    yield heard
    log.removeHandler(heard)


@contextmanager
def running(**settings: Any) -> Iterator[Server]:
    started: queue.Queue[tuple[FakeEngine, Drain, asyncio.AbstractEventLoop]] = queue.Queue()

    async def main() -> None:
        engine, drain = FakeEngine(), Drain()
        started.put((engine, drain, asyncio.get_running_loop()))
        await run(engine, drain, **settings)

    def work() -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main())

    thread = threading.Thread(target=work)
    with hearing() as heard:
        thread.start()
        engine, drain, loop = started.get(timeout=10)
        url, port = heard.port()
    server = Server(url, port, engine, drain, loop, thread)
    try:
        yield server
    finally:
        if thread.is_alive():
            server.leave()
        thread.join(20)
        assert not thread.is_alive()


async def run(engine: FakeEngine, drain: Drain, **changes: Any) -> None:
    settings = Settings(**{"port": 0, "read_seconds": 0.5, "drain_seconds": 1.0, **changes})
    app = create_app(cast(Any, engine), settings, Metrics(), drain)
    await serve(app, bind(settings.host, settings.port), settings, drain)


async def main(drain_seconds: float) -> None:
    await run(FakeEngine(), Drain(), drain_seconds=drain_seconds)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(float(sys.argv[1])))
