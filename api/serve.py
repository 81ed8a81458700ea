"""Hypercorn with a server's settings, and the orderly end of a process."""

import asyncio
import logging
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from time import time

from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config
from hypercorn.utils import wrap_app
from starlette.types import ASGIApp

from vectord.config import Settings
from vectord.logs import announce

from .address import FLAGS, METRICS_FLAGS, address_errors, url
from .connection import Connection
from .drain import Drain

log = logging.getLogger(__name__)

KEEP_ALIVE_SECONDS = 75.0
BACKLOG = 2048
STREAMS = 512  # HTTP/2 requests at once on one connection
FAREWELL_SECONDS = 1.0  # for clients that keep connections to ask once more, and be told to close them
FLUSH_SECONDS = 1.0  # for bytes already written to reach a client, once time is up
Listener = tuple[ASGIApp, socket.socket]
Connections = dict[asyncio.Task[None], Connection]
SIGNALS = (signal.SIGTERM, signal.SIGINT)


async def serve(
    app: ASGIApp, sock: socket.socket, settings: Settings, drain: Drain, metrics: Listener | None = None
) -> None:
    """Serve on a bound socket until told to leave: until nothing is in flight, or `drain_seconds` later.

    `metrics` is an app with a socket of its own, which answers until the end. Raises `StartError` when
    another process listens there.
    """
    # Not hypercorn.asyncio.serve: it stops to listen when told to leave, and gives the connection
    # class no parameters.
    context = WorkerContext(None)
    connections: Connections = {}
    servers: list[asyncio.Server] = []
    try:
        for one, its_socket, flags in [(app, sock, FLAGS), *([(*metrics, METRICS_FLAGS)] if metrics else [])]:
            connected = answering(one, settings, drain, context, connections)
            host, port = its_socket.getsockname()[:2]
            with address_errors(host, port, flags):
                servers.append(await asyncio.start_server(connected, sock=its_socket, backlog=BACKLOG))
        if metrics is not None:
            log.info("metrics on %s", url(metrics[1]))
        announce(log, f"listening on {url(sock)}")
        with first_signal_drains(drain):
            await leave(drain, settings.drain_seconds, connections)
    finally:
        for server in servers:
            server.close()
        await context.terminated.set()
        for connection in connections.values():
            connection.timer.end()
        await finish(connections)


def answering(
    app: ASGIApp, settings: Settings, drain: Drain, context: WorkerContext, connections: Connections
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """Return what answers each connection by an app; `connections` holds those that are open."""
    config, loop = hypercorn_config(), asyncio.get_running_loop()
    wrapped = wrap_app(app, 0, "asgi")  # type: ignore[arg-type]  # its ASGI types are its own

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(
            wrapped, loop, config, context, {}, reader, writer,
            read_seconds=settings.read_seconds, drain=drain,
        )  # fmt: skip
        task = asyncio.ensure_future(connection.run())
        connections[task] = connection
        task.add_done_callback(connections.pop)

    return connected


async def leave(drain: Drain, seconds: float, connections: Mapping[asyncio.Task[None], Connection]) -> None:
    """Return when told to leave and nothing is in flight, or when the time is up."""
    await drain.begun()
    log.info("leaving: %d requests in flight", drain.in_flight)
    parting = asyncio.gather(*(one.part() for one in connections.values()), return_exceptions=True)
    with suppress(TimeoutError):
        await asyncio.wait_for(answered(drain, connections), seconds)
    if drain.in_flight:
        log.warning("time is up: %d requests are cut off", drain.in_flight)
        drain.cut_off()
    parting.cancel()


async def answered(drain: Drain, connections: Mapping[asyncio.Task[None], Connection]) -> None:
    """Return once nothing is in flight and nobody is likely to be just about to ask.

    A connection that the server closes may meet a request on its way, which is lost. So those that are kept
    stay a while: a client that asks meanwhile is told to close its connection, and one that does not asks so
    seldom that a request on the way at the end is unlikely.
    """
    if kept := {task for task, one in connections.items() if one.is_kept}:
        await asyncio.wait(kept, timeout=FAREWELL_SECONDS)
    await drain.idle()


async def finish(connections: Mapping[asyncio.Task[None], Connection]) -> None:
    """Let connections end by themselves, then end them."""
    for cancel in (False, True):
        if cancel:
            for task in connections:
                task.cancel()
        if connections:
            await asyncio.wait(set(connections), timeout=FLUSH_SECONDS)


@contextmanager
def first_signal_drains(drain: Drain) -> Iterator[None]:
    """Leave in order at the first signal; the second one kills, whatever threads are doing."""
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield  # signals go elsewhere
        return
    loop = asyncio.get_running_loop()

    def first() -> None:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        drain.begin()

    for number in SIGNALS:
        loop.add_signal_handler(number, first)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)


class Clocked(Config):
    """Hypercorn's settings, with a `date` that is written once a second and not for each answer."""

    _second = 0
    _headers: list[tuple[bytes, bytes]]

    def response_headers(self, protocol: str) -> list[tuple[bytes, bytes]]:
        """Return what every answer carries."""
        second = int(time())
        if second != self._second:
            self._second, self._headers = second, super().response_headers(protocol)
        return self._headers


def hypercorn_config() -> Config:
    """Return Hypercorn's settings: its defaults are a development server's."""
    config = Clocked()
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.keep_alive_max_requests = sys.maxsize
    config.h2_max_concurrent_streams = STREAMS
    config.include_server_header = False
    config.errorlog = logging.getLogger("hypercorn.error")
    return config
