"""Requests of every size, as one client sends them all at once."""

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx

WORDS = "the quick brown fox jumps over lazy dogs while it rains on hills and far away".split()
Ask = tuple[str, Any]


def text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(WORDS, k=words)) + f" {chance.random()}"


def texts(chance: random.Random, count: int, words: int = 6) -> list[str]:
    return [text(chance, words) for _ in range(count)]


def large(chance: random.Random) -> Iterator[Ask]:
    """Yield a large request of every kind."""
    ids = [chance.choices(range(1000, 20_000), k=30) for _ in range(2048)]
    yield "/v1/embeddings", {"input": texts(chance, 2048)}
    yield "/v1/embeddings", {"input": texts(chance, 2048), "encoding_format": "base64"}
    yield "/v1/embeddings", {"input": ["a"] * 2048}
    yield "/v1/embeddings", {"input": ids, "dimensions": 100}
    yield "/v1/embeddings", {"input": texts(chance, 300), "embed_dtype": ["float", "ubinary"]}
    yield "/v1/embeddings", {"input": texts(chance, 1000, 700)}
    yield "/v1/rerank", {"query": "a fox", "documents": texts(chance, 1000), "return_documents": True}
    yield "/v1/rerank", {"query": "a fox", "documents": texts(chance, 1000), "model": "mini"}
    yield "/v1/rerank", {"query": "a fox", "documents": texts(chance, 1000), "model": "bert_colbert"}
    yield "/embed", {"inputs": texts(chance, 2048)}
    yield "/embed_all", {"inputs": texts(chance, 600), "model": "mini"}
    yield "/embed_sparse", {"inputs": texts(chance, 2048)}
    yield "/predict", {"inputs": [[one] for one in texts(chance, 2048)]}
    yield "/predict_tokens", {"inputs": texts(chance, 1000)}
    yield "/pooling", {"input": texts(chance, 1000), "model": "bert_colbert"}
    yield "/similarity", {"inputs": {"source_sentence": "a fox", "sentences": texts(chance, 2000)}}
    yield "/vertex", {"instances": [{"inputs": one} for one in texts(chance, 500)]}
    yield "/tokenize", {"inputs": texts(chance, 100, 1500), "model": "mini"}
    yield "/decode", {"ids": ids, "model": "mini"}


async def drive(url: str, seed: int) -> Counter[int]:
    """Send what is large, four at a time, and what is small and scrapes meanwhile; return the statuses."""
    statuses, chance = Counter[int](), random.Random(seed)
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        asks = large(chance)
        small = asyncio.create_task(meanwhile(client, statuses))
        await asyncio.gather(*(one_of_many(client, asks, statuses) for _ in range(4)))
        small.cancel()
    return statuses


async def one_of_many(client: httpx.AsyncClient, asks: Iterator[Ask], statuses: Counter[int]) -> None:
    for path, body in asks:
        statuses[(await client.post(path, json=body)).status_code] += 1


async def meanwhile(client: httpx.AsyncClient, statuses: Counter[int]) -> None:
    """Ask for little, scrape, and leave large requests half-way."""
    chance = random.Random(0)
    while True:
        statuses[(await client.post("/v1/embeddings", json={"input": text(chance, 6)})).status_code] += 1
        statuses[(await client.get("/metrics")).status_code] += 1
        leaving = client.post("/v1/embeddings", json={"input": texts(chance, 500)}, timeout=0.05)
        await asyncio.gather(leaving, return_exceptions=True)
