"""A door before the server that forwards bytes and notes which routes were asked."""

import asyncio
import re
import threading
from collections.abc import Callable
from typing import Self

REQUEST = re.compile(rb"(GET|POST) (/[^\s?]*)\S* HTTP/1\.1\r\n")


class Relay:
    """Forwards a free port to `port`; `seen` holds `POST /path` for each HTTP/1.1 request."""

    def __init__(self, port: int) -> None:
        self.seen: set[str] = set()
        self.url = ""
        self._port = port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        listening = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.url = f"http://127.0.0.1:{listening}"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_read, to_write = await asyncio.open_connection("127.0.0.1", self._port)
        await asyncio.gather(
            forward(reader, to_write, self._note), forward(to_read, writer, lambda data: None)
        )

    def _note(self, data: bytes) -> None:
        self.seen.update(f"{method.decode()} {path.decode()}" for method, path in REQUEST.findall(data))


async def forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, note: Callable[[bytes], None]
) -> None:
    """Pass on what arrives until either side ends."""
    try:
        while data := await reader.read(2**16):
            note(data)
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
