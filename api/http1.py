"""HTTP/1.1 as Hypercorn speaks it, with refusals that say why."""

from http import HTTPStatus
from typing import Any, Self

import h11
from hypercorn.events import Closed, Event, RawData
from hypercorn.protocol import ProtocolWrapper
from hypercorn.protocol.events import Event as StreamEvent
from hypercorn.protocol.events import Request, Response
from hypercorn.protocol.h11 import STREAM_ID, H11Protocol
from hypercorn.protocol.http_stream import HTTPStream

from vectord.errors import HeadersTooLarge, InvalidRequest, RequestError

from .encode import encode
from .failures import openai_body
from .head import split

TWO_LENGTHS = "The request has both Transfer-Encoding and Content-Length."
TOO_LARGE = "The request's headers are larger than this server takes: {} bytes."
UNKNOWN_CODING = "The request's Transfer-Encoding is not supported: send chunked, or a Content-Length."
NOT_HTTP = "The request is not valid HTTP/1.1."
FRAMING = (b"content-length", b"transfer-encoding", b"connection")


class Http1(H11Protocol):
    """Refuses what h11 cannot read, and what another reader would read otherwise.

    A body of two lengths is how requests are smuggled past a gateway (RFC 9112, 6.3).
    """

    headers: list[tuple[bytes, bytes]]
    aside: list[tuple[bytes, bytes]]
    names: set[bytes]
    head = b""

    @classmethod
    def of(cls, wrapper: ProtocolWrapper) -> Self:
        """Return what takes the place of Hypercorn's own."""
        made = cls(
            wrapper.app, wrapper.config, wrapper.context, wrapper.task_group, wrapper.state,
            wrapper.ssl, wrapper.client, wrapper.server, wrapper.send,
        )  # fmt: skip
        made.aside = []
        return made

    def refusal(self, error: RequestError, status: int, method: bytes = b"") -> bytes:
        """Return an answer in OpenAI's shape, as bytes; the connection must close after it."""
        body = encode(openai_body(error, ""))
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
            (b"connection", b"close"),
        ]
        data = h11.Data(b"" if method == b"HEAD" else body)
        events = (h11.Response(status_code=status, headers=headers), data, h11.EndOfMessage())
        return b"".join(self.connection.send(event) or b"" for event in events)

    async def handle(self, event: Event) -> None:
        """Take what arrived; h11 walks each header ten times, so it sees those that matter to it."""
        if isinstance(event, RawData) and self._is_between_requests():
            data, self.aside = split(event.data)
            event = RawData(data)
        await super().handle(event)

    def _is_between_requests(self) -> bool:
        connection = self.connection
        return connection.their_state is h11.IDLE and not connection.trailing_data[0]

    async def _check_protocol(self, event: h11.Request) -> None:
        self.headers, self.aside = [*event.headers, *self.aside], []
        self.names = {name for name, _ in self.headers}
        if b"upgrade" in self.names or event.method == b"PRI":
            await super()._check_protocol(event)

    async def _create_stream(self, request: h11.Request) -> None:
        if {b"transfer-encoding", b"content-length"} <= self.names:
            error = InvalidRequest(TWO_LENGTHS)
            await self.send(RawData(self.refusal(error, error.status, request.method)))
            await self.send(Closed())
        elif b"upgrade" in self.names:
            await super()._create_stream(request)
        else:
            await self._begin(request)

    async def _begin(self, request: h11.Request) -> None:
        """Hand a request on, as the class above does where nothing is to be upgraded."""
        self.stream = HTTPStream(
            self.app, self.config, self.context, self.task_group, self.ssl,
            self.client, self.server, self.stream_send, STREAM_ID,
        )  # fmt: skip
        begun = Request(
            stream_id=STREAM_ID,
            headers=self.headers,
            http_version=request.http_version.decode(),
            method=request.method.decode("ascii").upper(),
            raw_path=request.target,
            state=self.connection_state,
        )
        await self.stream.handle(begun)
        self.keep_alive_requests += 1
        await self.context.mark_request()

    async def stream_send(self, event: StreamEvent) -> None:
        """Pass on what a stream sends.

        The head of an answer goes out with what follows: a packet for each would wake the client twice.
        """
        if isinstance(event, Response) and event.status_code >= HTTPStatus.OK:
            self.head = self._head(event)
        else:
            await super().stream_send(event)

    def _head(self, event: Response) -> bytes:
        """Return an answer's head. h11 sees what frames the answer; its care for the rest takes long."""
        headers = [*event.headers, *self.config.response_headers("h11")]
        framing = [one for one in headers if one[0] in FRAMING]
        head = self._written(h11.Response(headers=framing, status_code=event.status_code))
        rest = [one for one in headers if one[0] not in FRAMING]
        lines = b"".join([b"%b: %b\r\n" % one for one in rest])
        if not lines.count(b"\r") == lines.count(b"\n") == len(rest) or b"\0" in lines:
            raise ValueError("a header holds more than one line")
        return head[:-2] + lines + b"\r\n" if head else b""

    async def _send_h11_event(self, event: Any) -> None:
        data, self.head = self.head + self._written(event), b""
        if data:
            await self.send(RawData(data))

    def _written(self, event: Any) -> bytes:
        try:
            return self.connection.send(event) or b""
        except h11.LocalProtocolError:
            if self.connection.their_state != h11.ERROR:
                raise
            return b""

    async def _send_error_response(self, status_code: int) -> None:
        await self.send(RawData(self.refusal(self._explain(status_code), status_code)))

    def _explain(self, status: int) -> RequestError:
        match status:
            case HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
                return HeadersTooLarge(TOO_LARGE.format(self.config.h11_max_incomplete_size))
            case HTTPStatus.NOT_IMPLEMENTED:
                return InvalidRequest(UNKNOWN_CODING)
            case _:
                return InvalidRequest(NOT_HTTP)
