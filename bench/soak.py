"""`python -m bench.soak`: tens of thousands of mixed requests, after which nothing may be left.

Good requests of every task, bad ones, ones that are too large or come when the server is full, ones that fail
half-way and ones whose client leaves at any moment. Then nothing may wait or run, every request must have
been counted once, all that was accepted must have ended, and memory must be where it was.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
from tests.checkpoints import build
from tests.counts import Counts
from tests.schema import KEPT, MODELS
from tests.server import Server, serving
from tests.trouble.traffic import LEFT, NO_ANSWER, exchange

LIMITS = ("--max-concurrent-requests", "24", "--payload-limit", "200000", "--read-seconds", "5")
CONNECTIONS = 26  # a few more than the server admits, so that some are refused
FLAT = 1.10  # most that memory may grow from the first third to the end
WORDS = ["the", "quick", "brown", "fox", "jumps", "over", "the", "lazy", "dog", "while", "it", "rains"]


def text(chance: random.Random, most: int = 40) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(1, most)))


def texts(chance: random.Random) -> list[str]:
    return [text(chance) for _ in range(chance.choice((1, 2, 8, 32, 128)))]


def good(chance: random.Random) -> tuple[str, Any]:
    """Return a route and a body that it takes."""
    many, one = texts(chance), text(chance)
    form = chance.choice(("float", "base64"))
    return chance.choice(
        (
            ("/v1/embeddings", {"input": many, "encoding_format": form}),
            ("/v1/embeddings", {"input": one, "encoding_format": form, "dimensions": 8}),
            ("/v1/rerank", {"query": one, "documents": many}),
            ("/v2/rerank", {"query": one, "documents": many, "top_n": 3}),
            ("/rerank", {"query": one, "texts": many}),
            ("/embed", {"inputs": many}),
            ("/embed_all", {"inputs": many[:8], "model": "bert_colbert"}),
            ("/embed_sparse", {"inputs": many[:8]}),
            ("/predict", {"inputs": one}),
            ("/predict_tokens", {"inputs": many[:8]}),
            ("/tokenize", {"inputs": one}),
            ("/similarity", {"inputs": {"source_sentence": one, "sentences": many}}),
        )
    )


def bad(chance: random.Random) -> tuple[str, bytes]:
    """Return a route and a body that it refuses, before or within the work."""
    path, body = good(chance)
    kind = chance.randrange(6)
    if kind == 0:
        return path, b"{" + json.dumps(body).encode()
    if kind == 1:
        return path, b" " * 300_000
    if kind == 2:
        return "/nowhere", b"{}"
    if kind == 3:
        return path, json.dumps({**body, "model": "nobody"}).encode()
    if kind == 4:
        return "/embed", json.dumps({"inputs": [*texts(chance), ""]}).encode()
    return "/embed", json.dumps({"inputs": [text(chance, 4000), text(chance)], "truncate": False}).encode()


def request_of(chance: random.Random) -> bytes:
    """Return a whole request."""
    path, content = good(chance) if chance.random() < 0.75 else bad(chance)
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return b"POST %b HTTP/1.1\r\nhost: soak\r\ncontent-length: %d\r\n\r\n%b" % (
        path.encode(),
        len(body),
        body,
    )


async def one_connection(port: int, left: Iterator[int], outcomes: Counter[str]) -> None:
    """Send requests, on a new connection after each from which the client or the server has gone."""
    chance = random.Random()
    streams = None
    for number in left:
        chance.seed(number)
        if streams is None:
            streams = await asyncio.open_connection("127.0.0.1", port, limit=1 << 26)
        outcome, stays = await exchange(*streams, request_of(chance), chance, leaving=0.15, patience=0.02)
        outcomes[outcome] += 1
        if not stays:
            streams[1].close()
            streams = None
    if streams is not None:
        streams[1].close()


@contextmanager
def served() -> Iterator[Server]:
    """Serve a model for each task, in tight limits."""
    with tempfile.TemporaryDirectory() as folder:
        models = [f"{name}={build(name, Path(folder) / name)}" for name in MODELS]
        with serving(*models, "--backend", "onnx", *LIMITS, env=KEPT) as server:
            yield server


def counted(server: Server) -> Counts:
    """Return what the server has counted."""
    return Counts.of(httpx.get(f"{server.url}/metrics").text)


def settled(server: Server, process: psutil.Process) -> Counts:
    """Wait until the server has no more to do; return what it has counted."""
    for _ in range(100):
        before = sum(process.cpu_times()[:2])
        done = counted(server)
        if not done.unfinished and sum(process.cpu_times()[:2]) - before < 0.05:
            break
    return done


def main() -> int:
    """Run, print, and return whether anything was left."""
    parser = argparse.ArgumentParser("bench.soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000)
    requests, parts = parser.parse_args().requests, 10
    outcomes, resident, faults = Counter[str](), list[float](), list[str]()
    with served() as server:
        process = psutil.Process(server.process.pid)
        for part in range(parts):
            left = iter(range(part * requests // parts, (part + 1) * requests // parts))
            asyncio.run(drive(server.port, left, outcomes))
            done = settled(server, process)
            faults += done.unbalanced()
            resident.append(process.memory_info().rss / 1e6)
            print(
                f"{part + 1} of {parts}: {resident[-1]:.0f} MB resident, {done.unfinished} unfinished",
                flush=True,
            )
    print(f"seen by the clients: {dict(sorted(outcomes.items()))}")
    for name, counts in (("counted", done.statuses), ("ended", done.outcomes), ("refused", done.reasons)):
        print(f"{name} by the server: {dict(sorted(item for item in counts.items() if item[1]))}")
    faults += faults_of(outcomes, done, resident, server.log)
    print(*faults or ["nothing is left"], sep="\n")
    return bool(faults)


async def drive(port: int, left: Iterator[int], outcomes: Counter[str]) -> None:
    await asyncio.gather(*(one_connection(port, left, outcomes) for _ in range(CONNECTIONS)))


def faults_of(outcomes: Counter[str], done: Counts, resident: list[float], log: list[str]) -> Iterator[str]:
    """Yield what is wrong after the run."""
    if done.unfinished:
        yield f"{done.unfinished} requests still wait or run"
    if outcomes[NO_ANSWER]:
        yield f"{outcomes['no answer']} requests got no answer"
    seen = Counter({one: count for one, count in outcomes.items() if one not in (LEFT, NO_ANSWER)})
    yield from done.unlike(seen, outcomes[LEFT])
    yield from (f"{count} answers of {status}" for status, count in seen.items() if status[0] == "5")
    if max(resident[-3:]) > FLAT * max(resident[: len(resident) // 3]):
        yield "memory grew"
    yield from (line for line in log if " failed: " in line or "Traceback" in line)


if __name__ == "__main__":
    sys.exit(main())
