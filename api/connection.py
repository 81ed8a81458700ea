"""One client connection: Hypercorn's, closed when a request's headers come too slowly."""

import asyncio
import logging
from typing import Any

from hypercorn.asyncio.tcp_server import MAX_RECV, TCPServer
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.h2 import H2Protocol

from vectord.errors import SlowRequest

from .drain import Drain
from .http1 import Http1
from .refusal import refusal
from .timer import Timer

log = logging.getLogger(__name__)

SLOW_HEADERS = "The request's headers did not arrive in time."


class Ended:
    """Stands for a stream whose exchange is over."""

    async def handle(self, event: object) -> None:
        """Throw away what the client still sends on it."""


class Streams(dict[int, Any]):
    """Hypercorn's HTTP/2 streams.

    A body that goes on after its answer (a 408, a 413) would be a KeyError there, and end every other
    request on the connection; behind a gateway those are other people's.
    """

    def __missing__(self, stream_id: int) -> Ended:
        return Ended()


class Connection(TCPServer):
    """Hypercorn has one timer for connections without a request, and lets it run for the keep-alive time.

    That is right between requests and too long for a client that stops in the middle of its headers.
    So the timer is set again, to `read_seconds`, once a request has begun to arrive.
    """

    def __init__(self, *args: Any, read_seconds: float, drain: Drain) -> None:
        super().__init__(*args)
        self.timer = Timer(self.loop, self.config.keep_alive_timeout)
        self.idle_task = self.timer  # type: ignore[assignment]  # what it needs of one
        self.read_seconds = read_seconds
        self.drain = drain
        self._idle = True
        self._begun = False
        self._parted = False
        self._answered = False

    @property
    def is_kept(self) -> bool:
        """Whether an HTTP/1.1 client that has been answered keeps the connection for more."""
        return self._answered and isinstance(self.protocol.protocol, Http1) and not self.reader.at_eof()

    async def run(self) -> None:
        """Serve until either side closes."""
        try:
            await super().run()
        except Exception as error:
            # What a hostile peer can trip in the protocol libraries ends its own connection only.
            log.warning("connection dropped: %s", type(error).__name__)
        finally:
            self._unlink()

    def _unlink(self) -> None:
        """Undo what leads from its parts back to it: each closed connection would be the collector's work."""
        wrapper = vars(self).get("protocol")
        if wrapper is not None:
            wrapper.send = ignored
            if isinstance(wrapper.protocol, Http1):
                wrapper.protocol.unlink()

    async def protocol_send(self, event: Event) -> None:
        """Pass on what the protocol sends, and note whether a request is in work."""
        if isinstance(event, Updated):
            self._idle, self._begun = event.idle, False
            self._answered = self._answered or event.idle
            if self.reader.at_eof():
                return  # no timer: the client left, and the connection ends with its last task
        await super().protocol_send(event)
        await self.part()

    async def part(self) -> None:
        """While the process leaves, tell an HTTP/2 client whose requests are all answered to go elsewhere.

        Not before that: clients give up what they still wait for when they see a GOAWAY.
        """
        protocol = self.protocol.protocol
        if (
            self.drain.draining
            and not self._parted
            and isinstance(protocol, H2Protocol)
            and is_done(protocol)
        ):
            self._parted = True
            protocol.connection.close_connection()
            await self.protocol_send(RawData(protocol.connection.data_to_send()))

    async def _read_data(self) -> None:
        self.protocol.protocol = Http1(self.protocol)  # type: ignore[assignment]  # what it needs of one
        while not self.reader.at_eof():
            try:
                data = await self.reader.read(MAX_RECV)
            except OSError:
                break
            await self.protocol.handle(RawData(data))
            await self._watch()
        await self.protocol.handle(Closed())
        await self.idle_task.stop()
        await self._release()

    async def _release(self) -> None:
        """Wake answers that wait for a window which a client that left will never open."""
        protocol = self.protocol.protocol
        if isinstance(protocol, H2Protocol):
            for buffer in list(protocol.stream_buffers.values()):
                await buffer.close()

    async def _watch(self) -> None:
        protocol = self.protocol.protocol
        if isinstance(protocol, H2Protocol):
            if not isinstance(protocol.streams, Streams):
                protocol.streams = Streams(protocol.streams)
            # To Hypercorn the HTTP/2 preface is a request, one that never ends.
            if protocol.idle and not self._idle:
                await self.protocol_send(Updated(idle=True))
        elif isinstance(protocol, Http1) and self._idle and not self._begun and protocol.has_half_a_head:
            self._begun = True
            await self.timer.restart(self._task_group, self._refuse, self.read_seconds)

    async def _idle_timeout(self) -> None:
        await asyncio.shield(self._initiate_server_close())

    async def _refuse(self) -> None:
        if not self.context.terminated.is_set():
            error = SlowRequest(SLOW_HEADERS)
            self.writer.write(refusal(error))
        await asyncio.shield(self._initiate_server_close())


async def ignored(event: Event) -> None:
    """Send nothing: the connection is closed."""


def is_done(protocol: H2Protocol) -> bool:
    """Whether there were requests, and each has been answered to the last byte."""
    has_work = protocol.streams or protocol.connection.open_inbound_streams
    return protocol.keep_alive_requests > 0 and not has_work
