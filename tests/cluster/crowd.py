"""Clients of whom each has one request in flight at all times, as many as are asked for."""

import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Lock, Thread
from types import TracebackType

from .pod import Pod

PORT = 8080
PATH = "/v1/embeddings"
HEADERS = {"content-type": "application/json"}
SECONDS = 30.0  # for an answer


class Crowd:
    """Sends each request to the pod with the fewest of this crowd's, as a proxy does that sees all pods."""

    def __init__(self, endpoints: Callable[[], Sequence[Pod]]) -> None:
        self.answered = 0
        self.failed: list[str] = []
        self._endpoints, self._lock = endpoints, Lock()
        self._busy, self._numbers = Counter[str](), count()
        self._clients: list[tuple[Event, Thread]] = []

    @property
    def size(self) -> int:
        """Requests in flight."""
        return len(self._clients)

    def resize(self, size: int) -> None:
        """Let so many clients ask; those that leave still wait for their answers."""
        while len(self._clients) < size:
            leave = Event()
            client = Thread(target=self._ask, args=(leave,), daemon=True)
            self._clients.append((leave, client))
            client.start()
        leaving, self._clients = self._clients[size:], self._clients[:size]
        for leave, _ in leaving:
            leave.set()
        for _, client in leaving:
            client.join()

    def _ask(self, leave: Event) -> None:
        connections: dict[str, HTTPConnection] = {}
        while not leave.is_set():
            address = self._chosen()
            if address not in connections:
                connections[address] = HTTPConnection(address, PORT, timeout=SECONDS)
            told = asked(connections[address], next(self._numbers))
            with self._lock:
                self._busy[address] -= 1
                self.answered += told == ""
                if told:
                    self.failed.append(f"{address}: {told}")
            if told:
                connections.pop(address).close()
                time.sleep(0.1)  # what fails at once would keep the machine busy
        for connection in connections.values():
            connection.close()

    def _chosen(self) -> str:
        with self._lock:
            addresses = [pod.address for pod in self._endpoints()]
            address = min(addresses, key=lambda one: self._busy[one])
            self._busy[address] += 1
            return address

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.resize(0)


def asked(connection: HTTPConnection, number: int) -> str:
    """Send one request, of a text of its own, since equal ones that wait run once; return what went wrong."""
    body = json.dumps({"input": f"how many replicas does number {number} take"})
    try:
        connection.request("POST", PATH, body, HEADERS)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException) as error:
        return repr(error)
    return "" if answer.status == 200 else f"status {answer.status}"
