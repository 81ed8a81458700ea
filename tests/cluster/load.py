"""Steady load: clients with a connection each that is kept alive, and that try nothing twice."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from threading import Event, Thread

Address = Callable[[], tuple[str, int]]  # asked for each new connection
PAUSE = 0.02  # seconds between an answer and the next request


@dataclass(frozen=True)
class Outcome:
    """When a request was sent and was over, by the monotonic clock, and what came of it."""

    began: float
    ended: float
    status: int
    trouble: str = ""


class Load:
    """What the clients of a load have seen so far."""

    def __init__(self, address: Address, texts: int) -> None:
        self.outcomes: list[Outcome] = []
        self.end = Event()
        self._address, self._texts = address, texts

    @property
    def failed(self) -> list[Outcome]:
        """The requests without a 200."""
        return [one for one in self.outcomes if one.status != 200]

    def run(self, client: int) -> None:
        """Ask until the end."""
        connection, number = HTTPConnection(*self._address(), timeout=60), 0
        while not self.end.wait(PAUSE):
            if connection.sock is None:  # it was asked to close
                connection = HTTPConnection(*self._address(), timeout=60)
            number += 1
            texts = [f"client {client} asks {number}, line {line}" for line in range(self._texts)]
            began = time.monotonic()
            status, trouble = self._asked(
                connection, json.dumps({"input": texts, "encoding_format": "base64"})
            )
            self.outcomes.append(Outcome(began, time.monotonic(), status, trouble))
        connection.close()

    def _asked(self, connection: HTTPConnection, body: str) -> tuple[int, str]:
        """Return the status, or 0 and what went wrong."""
        try:
            connection.request("POST", "/v1/embeddings", body)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            connection.close()
            return 0, repr(error)
        return answer.status, "" if answer.status == 200 else content.decode()


@contextmanager
def steady(address: tuple[str, int] | Address, clients: int = 6, texts: int = 1) -> Iterator[Load]:
    """Load a server while the block runs; every client has its last answer when it ends."""
    load = Load(address if callable(address) else lambda: address, texts)
    threads = [Thread(target=load.run, args=(number,)) for number in range(clients)]
    for one in threads:
        one.start()
    try:
        yield load
    finally:
        load.end.set()
        for one in threads:
            one.join()
