"""sentence-transformers' `encode` at its defaults, all texts in one call: a process of its own."""

import sys
import time
from typing import Any

from vectord.bench.summary import percentiles

from .order import Orders, answer


def main() -> None:
    """Answer each order with the figures of one run."""
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(sys.argv[1], device="cpu")
    orders: Orders[None] = Orders(lambda texts: None, model.encode)
    answer({"ready": True})
    for order, texts, _, vectors in orders:
        run = one_by_one if order["one_by_one"] else all_at_once
        answer({**run(model, texts), "vectors": vectors})


def all_at_once(model: Any, texts: list[str]) -> dict[str, Any]:
    """Return the figures of one call."""
    cpu, start = time.process_time(), time.perf_counter()
    model.encode(texts)
    return {"seconds": time.perf_counter() - start, "server_cpu": time.process_time() - cpu}


def one_by_one(model: Any, texts: list[str]) -> dict[str, Any]:
    """Return the figures of a call for each text."""
    cpu, start, latency = time.process_time(), time.perf_counter(), list[float]()
    for text in texts:
        begin = time.perf_counter()
        model.encode([text])
        latency.append(time.perf_counter() - begin)
    seconds = time.perf_counter() - start
    return {
        "seconds": seconds, "server_cpu": time.process_time() - cpu, "latency": percentiles(latency)
    }  # fmt: skip


if __name__ == "__main__":
    main()
