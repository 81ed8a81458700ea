"""HTTP/1.1 on one connection, read by llhttp: requests in turn, and refusals that say why."""

import asyncio
from collections import deque

import httptools
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol import ProtocolWrapper
from hypercorn.protocol.h11 import H2CProtocolRequiredError, H2ProtocolAssumedError

from vectord.errors import HeadersTooLarge, InvalidRequest, RequestError

from .exchange import Exchange, scope_of
from .framing import Framing
from .head import NOT_HTTP, Head
from .refusal import refusal

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"  # how HTTP/2 begins (RFC 9113, 3.4)
SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n"
TWO_LENGTHS = "The request has both Transfer-Encoding and Content-Length."
FAILED = "The server failed on this request; its log has the cause."


class Http1:
    """Takes the place of Hypercorn's HTTP/1.1, and hands over to its HTTP/2.

    Bytes go to llhttp, which calls the methods `on_...` with what it finds; requests that come before the
    one in front is answered wait their turn. What another reader might read otherwise is refused, since so
    requests are smuggled past a gateway (RFC 9112, 6.3 and 11.2).
    """

    def __init__(self, wrapper: ProtocolWrapper) -> None:
        self._wrapper = wrapper
        self._send = wrapper.send
        self._first: bytes | None = b""  # what has come, while it may be HTTP/2's preface
        self._head = Head(wrapper.config.h11_max_incomplete_size)
        self.on_header = self._head.add  # called a dozen times for each request
        self._parser = httptools.HttpRequestParser(self)
        self._incoming: Exchange | None = None
        self._waiting: deque[Exchange] = deque()  # the one in front has begun
        self._turned = asyncio.Event()
        self._refusal: RequestError | None = None
        self._over = False  # nothing is read or answered any more
        self._rest: bytes | None = None  # what came after a wish for HTTP/2

    async def initiate(self) -> None:
        """Wait for the client to speak."""

    @property
    def has_half_a_head(self) -> bool:
        """Whether a request has begun to arrive, and no more than begun."""
        return self._head.has_begun and not self._waiting

    async def handle(self, event: Event) -> None:
        """Take what arrived, or that nothing more will."""
        if isinstance(event, Closed):
            self._leave()
        elif isinstance(event, RawData):
            data = self._after_preface(event.data)
            if data and not self._over and self._refusal is None:
                self._read(data)
                await self._go_on()

    def _leave(self) -> None:
        """Nobody waits for answers any more."""
        self._over = True
        for exchange in self._waiting:
            exchange.leave()
        self._waiting.clear()
        self._turned.set()

    def unlink(self) -> None:
        """Let go of what leads back to this; nothing more will be read or sent."""
        del self._parser, self._send, self._wrapper

    def _after_preface(self, data: bytes) -> bytes:
        """Return what there is to read, once it is clear that it is not HTTP/2."""
        if self._first is None:
            return data
        self._first += data
        if self._first.startswith(PREFACE):
            raise H2ProtocolAssumedError(self._first)
        if PREFACE.startswith(self._first):
            self._head.has_begun = True
            return b""
        data, self._first = self._first, None
        return data

    def _read(self, data: bytes) -> None:
        """Let llhttp read on."""
        try:
            self._parser.feed_data(data)
            if self._head.has_begun:
                self._head.read(len(data))
        except HeadersTooLarge as error:
            self._refuse(error)
        except httptools.HttpParserUpgrade as wish:
            self._decline(data[wish.args[0] :])
        except httptools.HttpParserCallbackError as error:
            cause = error.__context__
            self._refuse(cause if isinstance(cause, RequestError) else RequestError(FAILED))
        except httptools.HttpParserError as error:
            if self._waiting and not self._waiting[-1].keeps_alive:
                return  # what comes after the last request is nobody's
            two = "Content-Length" in str(error) and "Transfer-Encoding" in str(error)
            self._refuse(InvalidRequest(TWO_LENGTHS if two else NOT_HTTP))

    def _decline(self, rest: bytes) -> None:
        """Read a request that wants another protocol without the wish; HTTP/2 it may have."""
        head = self._head
        if head.method == b"CONNECT":
            self._refuse(InvalidRequest(NOT_HTTP))
        elif head.wants_http2 and not self._waiting:
            self._rest = rest
        else:
            self._parser = httptools.HttpRequestParser(self)
            self._read(head.unwished() + rest)

    def _refuse(self, error: RequestError) -> None:
        """Read no more; say why once it is its turn."""
        self._refusal = error
        if self._head.has_begun:
            self._head.method = self._parser.get_method()
        if self._incoming is not None:
            self._incoming.broken = True

    async def _go_on(self) -> None:
        """Begin what can begin, and read no more while much waits."""
        if self._rest is not None:
            await self._send(RawData(SWITCHING))
            raise H2CProtocolRequiredError(self._rest, self._head)  # type: ignore[arg-type]
        await self._turn()
        while len(self._waiting) > 1:
            self._turned.clear()
            await self._turned.wait()
        if self._incoming is not None:
            await self._incoming.room()

    async def _turn(self) -> None:
        """Begin the request in front; where there is none and reading ended, say why."""
        front = self._waiting[0] if self._waiting else None
        if front is not None and front.broken:
            await self._end(None if front.started else self._refusal)
        elif front is None:
            if self._refusal is not None:
                await self._end(self._refusal)
        elif not front.begun:
            front.begun = True
            await self._send(Updated(idle=False))
            self._wrapper.task_group.spawn(front.run, self._wrapper.app)

    async def _end(self, error: RequestError | None) -> None:
        """End the connection; tell the client why, if there is something to tell."""
        self._leave()
        if error is not None:
            await self._send(RawData(refusal(error, self._head.method)))
        await self._send(Closed())

    async def _ended(self) -> None:
        """Go on after an answer: with the next request, or not at all."""
        exchange = self._waiting.popleft()
        if exchange.broken and not exchange.started:
            await self._end(RequestError(FAILED))
        elif exchange.closes or self._wrapper.context.terminated.is_set():
            await self._end(None)
        elif self._waiting or self._refusal is not None:
            await self._turn()
        else:
            await self._send(Updated(idle=True))
        self._turned.set()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._head.begin()

    def on_url(self, part: bytes) -> None:
        """Take a part of the request's target."""
        self._head.target += part

    def on_headers_complete(self) -> None:
        """Open an exchange."""
        parser, head, wrapper = self._parser, self._head, self._wrapper
        head.complete(parser.get_method(), parser.get_http_version())
        if parser.should_upgrade():
            return  # llhttp says so once more, with what comes after
        method = head.method.decode()
        scope = scope_of(
            method, head.target, head.version, head.headers,
            scheme="https" if wrapper.ssl else "http", root_path="", client=wrapper.client,
            server=wrapper.server, state=wrapper.state.copy(),
        )  # fmt: skip
        standing = wrapper.config.response_headers("h11")
        framing = Framing(method, head.version, parser.should_keep_alive(), standing)
        self._incoming = Exchange(scope, framing, head.asks_to_continue, self._write, self._ended)
        self._waiting.append(self._incoming)

    def on_body(self, part: bytes) -> None:
        """Take a part of the body."""
        assert self._incoming is not None
        self._incoming.add(part)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self._incoming is not None:
            self._incoming.finish()
            self._incoming = None

    async def _write(self, data: bytes) -> None:
        await self._send(RawData(data))
