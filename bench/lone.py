"""`python -m bench.lone`: how soon a text that comes alone is answered, with and without a wide session.

One connection, one request at a time, rounds of both servers in turn. `--pause` waits before each request, as
people do: a machine that slept needs longer than one that is kept busy.
"""

import argparse
import http.client
import json
import random
import time
from contextlib import ExitStack

from tests.server import Server, serving

from vectord.bench.summary import percentiles
from vectord.bench.words import built_in
from vectord.scheduler.wide import USES

WISHES = ("off", "on")
SHOWN = ("p10", "p50", "p90", "p99")
ROUNDS = 12
REQUESTS = 40  # of a round


def main() -> None:
    """Print the percentiles of both servers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="sentence-transformers/all-MiniLM-L6-v2")
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--words", type=int, default=8)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds")
    asked = parser.parse_args()
    flags = (asked.model, "--backend", asked.backend, "--dtype", asked.dtype)
    chance, times = random.Random(0), {wish: list[float]() for wish in WISHES}
    with ExitStack() as stack:
        servers = {wish: stack.enter_context(serving(*flags, "--wide", wish)) for wish in WISHES}
        for server in servers.values():
            spent(server, 4 * USES, asked.words, 0.0, chance)
        for _ in range(ROUNDS):
            for wish, server in servers.items():
                times[wish] += spent(server, REQUESTS, asked.words, asked.pause, chance)
    for wish, seconds in times.items():
        found = percentiles(seconds)
        shown = ", ".join(f"{name} {1e3 * found[name]:.2f} ms" for name in SHOWN)
        print(f"--wide {wish:<4} {shown}")


def spent(server: Server, requests: int, words: int, pause: float, chance: random.Random) -> list[float]:
    """Return the seconds of each of so many requests of one text."""
    connection = http.client.HTTPConnection("127.0.0.1", int(server.url.rpartition(":")[2]), timeout=30)
    seconds, known = [], built_in()
    for _ in range(requests):
        text = " ".join(chance.choices(known, k=words))
        body = json.dumps({"input": text, "encoding_format": "base64"})
        time.sleep(pause)
        start = time.perf_counter()
        connection.request("POST", "/v1/embeddings", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        read = answer.read()
        seconds.append(time.perf_counter() - start)
        assert answer.status == 200, read
    connection.close()
    return seconds


if __name__ == "__main__":
    main()
