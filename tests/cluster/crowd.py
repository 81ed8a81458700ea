"""Clients of whom each has one request in flight at all times, as many as are asked for."""

import json
import time
from http.client import HTTPConnection, HTTPException
from itertools import count
from threading import Event, Lock, Thread
from types import TracebackType

PATH = "/v1/embeddings"
HEADERS = {"content-type": "application/json"}
SECONDS = 30.0  # for an answer
PAUSE = 0.1  # seconds after a failure: what fails at once would keep the machine busy


class Crowd:
    """Asks one address; each client has a connection that is kept alive, and tries nothing twice."""

    def __init__(self, host: str, port: int) -> None:
        self.answered = 0
        self.failed: list[str] = []
        self._address, self._lock, self._numbers = (host, port), Lock(), count()
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
        connection = HTTPConnection(*self._address, timeout=SECONDS)
        while not leave.is_set():
            trouble = asked(connection, next(self._numbers))
            with self._lock:
                self.answered += trouble == ""
                if trouble:
                    self.failed.append(trouble)
            if trouble:
                connection.close()
                time.sleep(PAUSE)
        connection.close()

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
        content = answer.read()
    except (OSError, HTTPException) as error:
        return repr(error)
    return "" if answer.status == 200 else f"{answer.status} {content.decode()}"
