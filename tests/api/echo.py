"""A server around an app that says what it saw, and a client that writes bytes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.types import ASGIApp, Receive, Scope, Send

from vectord.api import Drain, bind, serve
from vectord.config import Settings

HOST = b"host: x\r\n"


async def body_of(receive: Receive) -> bytes:
    data = b""
    while (message := await receive())["type"] == "http.request":
        data += message["body"]
        if not message["more_body"]:
            break
    return data


def headers_of(path: str, size: int) -> list[tuple[bytes, bytes]]:
    """Return an answer's headers, as the path asks for."""
    length = b"content-length"
    match path:
        case "/streamed":
            return []
        case "/short":
            return [(length, b"%d" % (size + 1))]
        case "/close":
            return [(length, b"%d" % size), (b"connection", b"close")]
        case "/two-lines":
            return [(length, b"%d" % size), (b"x-bad", b"a\r\nb: c")]
        case _:
            return [(length, b"%d" % size)]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what came; paths ask for other things."""
    match scope["path"]:
        case "/unread":
            seen = b""
        case "/slow":
            await asyncio.sleep(0.2)
            seen = await body_of(receive)
        case "/fail":
            raise ValueError("secret")
        case _:
            seen = await body_of(receive)
    said = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "headers": [[name.decode(), value.decode("latin-1")] for name, value in scope["headers"]],
        "body": seen.decode(),
    }
    data = json.dumps(said).encode()
    headers = headers_of(scope["path"], len(data))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    half = len(data) // 2
    await send({"type": "http.response.body", "body": data[:half], "more_body": True})
    await send({"type": "http.response.body", "body": data[half:]})


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, data: bytes, *, step: int = 0) -> tuple[bytes, bytes]:
        for start in range(0, len(data), step or len(data)):
            self.writer.write(data[start : start + (step or len(data))])
            if step:
                await asyncio.sleep(0.001)
        return await self.answer()

    async def answer(self) -> tuple[bytes, bytes]:
        """Return an answer's head, in lower case, and its body."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        if b"transfer-encoding: chunked" in head:
            body = b""
            while size := int(await self.reader.readline(), 16):
                body += (await self.reader.readexactly(size + 2))[:-2]
            assert await self.reader.readline() == b"\r\n"
            return head, body
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return head, await self.reader.readexactly(int(length)) if length else b""

    async def ends(self) -> bool:
        return await asyncio.wait_for(self.reader.read(1), 5) == b""


@asynccontextmanager
async def client_of(app: ASGIApp = echo) -> AsyncIterator[Client]:
    drain, sock = Drain(), bind("127.0.0.1", 0)
    port = sock.getsockname()[1]
    task = asyncio.create_task(serve(app, sock, Settings(drain_seconds=0.1), drain))
    await asyncio.sleep(0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Client(reader, writer)
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        drain.begin()
        await task


def get(path: str, *lines: str, version: str = "1.1") -> bytes:
    return (
        f"GET {path} HTTP/{version}\r\n".encode()
        + HOST
        + "".join(f"{one}\r\n" for one in lines).encode()
        + b"\r\n"
    )


def post(body: bytes, *lines: str, path: str = "/a") -> bytes:
    head = f"POST {path} HTTP/1.1\r\ncontent-length: {len(body)}\r\n".encode()
    return head + HOST + "".join(f"{one}\r\n" for one in lines).encode() + b"\r\n" + body
