"""Closed-loop clients of a server under load: each connection sends its next request when answered.

A bare HTTP/1.1 client on purpose: an SDK would take more of the cores than the server does.
"""

import asyncio
import json
import os
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

WORDS = "the quick brown fox jumps over a lazy dog while it rains in spring and nobody knows why".split()
Manner = Literal["obeys", "ignores", "probes"]
PROBE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer; `began` and `ended` are of `time.perf_counter`, `told` in seconds."""

    status: int
    began: float
    ended: float
    told: float = 0.0

    @property
    def seconds(self) -> float:
        """How long the answer took."""
        return self.ended - self.began


class Runs(Protocol):
    """What goes on until a time."""

    async def run(self, until: float) -> None: ...


@dataclass(slots=True)
class Client:
    """One connection after the other to a server; what it sends, and how it takes a refusal."""

    port: int
    body: Callable[[], bytes]
    manner: Manner = "obeys"
    headers: str = ""
    done: list[Exchange] = field(default_factory=list)

    async def run(self, until: float) -> None:
        """Send requests until the time is up; one that is in work then is not counted."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 26)
        try:
            async with asyncio.timeout_at(asyncio.get_running_loop().time() + until - time.perf_counter()):
                while True:
                    found = await self.exchange(reader, writer)
                    self.done.append(found)
                    await self.pause(found)
        except TimeoutError:
            writer.close()

    async def exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Exchange:
        """Send one request and read the answer."""
        body, began = self.body(), time.perf_counter()
        writer.write(
            b"POST /v1/embeddings HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n%b"
            b"content-length: %d\r\n\r\n%b" % (self.headers.encode(), len(body), body)
        )
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(number_of(b"content-length", head)))
        status = int(head[9:12])
        told = 0.0 if status == 200 else int(number_of(b"retry-after-ms", head)) / 1000
        return Exchange(status, began, time.perf_counter(), told)

    async def pause(self, found: Exchange) -> None:
        """Wait as told, or not."""
        if found.status != 200 and self.manner != "ignores":
            await asyncio.sleep(found.told if self.manner == "obeys" else PROBE_SECONDS)


class Lateness:
    """How late this process itself is: everything that it measures is late by as much."""

    def __init__(self) -> None:
        self.seconds = [0.0]

    async def run(self, until: float) -> None:
        while (now := time.perf_counter()) < until:
            await asyncio.sleep(0.005)
            self.seconds.append(time.perf_counter() - now - 0.005)


def number_of(name: bytes, head: bytes) -> bytes:
    """Return the value of a header, digits, of which there is one."""
    found = re.search(rb"\r\n" + name + rb": (\d+)\r\n", head, re.IGNORECASE)
    assert found, head
    return found[1]


def texts(count: int, words: int = 6) -> bytes:
    """Return a request of so many texts of so many words, no two alike."""
    inputs = [" ".join(random.choices(WORDS, k=words)) + f" {random.randrange(10**6)}" for _ in range(count)]
    return json.dumps({"input": inputs, "encoding_format": "base64"}).encode()


def drive(clients: Sequence[Runs], seconds: float) -> float:
    """Run the clients at once for so long; return when they began."""

    async def all_of_them(began: float) -> None:
        await asyncio.gather(*(client.run(began + seconds) for client in clients))

    began = time.perf_counter()
    asyncio.run(all_of_them(began))
    return began


def answered(clients: Sequence[Client], status: int = 200) -> list[Exchange]:
    """Return the exchanges that ended so, by their end."""
    return sorted((one for c in clients for one in c.done if one.status == status), key=lambda one: one.ended)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that this share of all does not exceed."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def slowed() -> float:
    """Return how many times slower the server is by what else wants the cores; 1 on a quiet machine."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
