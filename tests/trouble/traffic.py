"""Mixed traffic: good and bad requests, poison, deadlines, and clients that leave half-way."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

LEFT, NO_ANSWER = "left", "no answer"
WORDS = ["good", "words", "and", "more", "of", "them", "for", "all"]
EMBED, RERANK = "/v1/embeddings", "/v1/rerank"


def texts(chance: random.Random) -> list[str]:
    """Return inputs of which few are alike, since equal ones run once."""
    return [
        " ".join(chance.choices(WORDS, k=chance.randint(1, 12))) for _ in range(chance.choice((1, 4, 20)))
    ]


def asked(chance: random.Random) -> tuple[str, Any, dict[str, str]]:
    """Return a route, a body and headers."""
    many = texts(chance)
    return chance.choice(
        (
            (EMBED, {"input": many}, {}),
            (EMBED, {"input": many}, {}),
            (RERANK, {"query": many[0], "documents": many}, {}),
            ("/tokenize", {"inputs": many}, {}),
            (EMBED, {"input": ["raise " + many[0], *many]}, {}),
            (EMBED, {"input": [*many, "nan " + many[0]]}, {}),
            (EMBED, {"input": ["slow " + many[0]]}, {"x-request-timeout-ms": "300"}),
            (EMBED, {"input": many * 40}, {}),
            (EMBED, {"input": [f"{one} " * 10 for one in many * 5]}, {}),
            (EMBED, {"input": ""}, {}),
            (EMBED, {"input": many, "dimensions": 10_000}, {}),
            (EMBED, {"input": many, "model": "nobody"}, {}),
            (EMBED, {"input": ["good"] * 1000}, {}),
            (EMBED, b"{", {}),
            (EMBED, b" " * 200_000, {}),
            ("/predict", {"inputs": many[0]}, {}),
            ("/nowhere", {}, {}),
        )
    )


def written(chance: random.Random) -> bytes:
    """Return a whole request."""
    path, content, headers = asked(chance)
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    lines = [f"POST {path} HTTP/1.1", "host: here", f"content-length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def drive(port: int, requests: int, connections: int, seed: int) -> Counter[str]:
    """Send requests over connections that take turns; return what came of them."""
    outcomes, numbers = Counter[str](), iter(range(requests))
    await asyncio.gather(*(connection(port, numbers, seed, outcomes) for _ in range(connections)))
    return outcomes


async def connection(port: int, numbers: Iterator[int], seed: int, outcomes: Counter[str]) -> None:
    """Send requests, on a new connection where the client or the server has left."""
    streams = None
    for number in numbers:
        chance = random.Random(f"{seed} {number}")
        streams = streams or await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
        outcome, stays = await exchange(*streams, written(chance), chance)
        outcomes[outcome] += 1
        if outcome == "429":
            await asyncio.sleep(0.02)
        if not stays:
            streams[1].close()
            streams = None
    if streams is not None:
        streams[1].close()


async def exchange(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    sent: bytes,
    chance: random.Random,
    leaving: float = 0.2,
    patience: float = 0.05,
) -> tuple[str, bool]:
    """Return an answer's status, or that the client left; and whether the connection can go on.

    The share `leaving` leaves, some amid sending, the others after `patience` seconds on average.
    """
    leaves = chance.random() < leaving
    if leaves and chance.random() < 0.3:
        writer.write(sent[: chance.randrange(1, len(sent))])
        return LEFT, False
    writer.write(sent)
    with suppress(TimeoutError, ConnectionError, asyncio.IncompleteReadError):
        async with asyncio.timeout(chance.expovariate(1 / patience) if leaves else 60):
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            await reader.readexactly(int(head.split(b"content-length:")[1].split(b"\r\n")[0]))
            return head.split()[1].decode(), b"connection: close" not in head
    return LEFT if leaves else NO_ANSWER, False
