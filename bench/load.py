"""The load client, a process of its own: N connections, each sending its next text when answered.

A bare HTTP/1.1 client on purpose: an SDK would take more of the cores than the server does.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path


async def connection(port: int, texts: Iterator[str], seconds: list[float]) -> None:
    """Send texts one by one until there are none."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for text in texts:
        body = json.dumps({"input": text, "encoding_format": "base64"}).encode()
        start = time.perf_counter()
        writer.write(
            b"POST /v1/embeddings HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%b" % (len(body), body)
        )
        await answer(reader)
        seconds.append(time.perf_counter() - start)
    writer.close()


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Read one answer; anything but 200 ends the benchmark."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b" 200" not in head.split(b"\r\n", 1)[0]:
        raise RuntimeError(f"the server answered {head.splitlines()[0]!r}")
    length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
    return await reader.readexactly(length)


async def drive(port: int, texts: list[str], connections: int) -> dict[str, float]:
    """Send all texts; return the seconds it took and the latency percentiles."""
    source, seconds = iter(texts), list[float]()
    start = time.perf_counter()
    await asyncio.gather(*(connection(port, source, seconds) for _ in range(connections)))
    took = time.perf_counter() - start
    ordered = sorted(seconds)
    return {
        "seconds": took,
        "p50": ordered[len(ordered) // 2],
        "p99": ordered[len(ordered) * 99 // 100],
    }


if __name__ == "__main__":
    port, file, connections = int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    print(json.dumps(asyncio.run(drive(port, json.loads(file.read_text()), connections))))
