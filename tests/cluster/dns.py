"""The cluster's DNS: headless Services' names have the addresses of the pods behind them."""

import socket
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from threading import Thread
from time import monotonic

DELAY = 5.0  # seconds for which CoreDNS' answers about Services are good, by its default
A, IN = 1, 1
AUTHORITATIVE, NO_SUCH_NAME = 0x8480, 3  # QR, AA and RA; RCODE


class Dns:
    """Answers by UDP what was so `delay` seconds ago, as resolvers between a cluster and its proxies do.

    Queries are left unanswered while it is `silent`.
    """

    def __init__(self, address: str, delay: float = DELAY) -> None:
        self.delay, self.silent = delay, False
        self._known: dict[str, list[tuple[float, tuple[str, ...]]]] = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 0))
        self.nameserver = f"{address}:{self._socket.getsockname()[1]}"
        self._thread = Thread(target=self._serve, name="dns", daemon=True)
        self._thread.start()

    def learn(self, names: Mapping[str, tuple[str, ...]]) -> None:
        """Note what addresses names have now."""
        for name, addresses in names.items():
            told = self._known.setdefault(name, [])
            if not told or told[-1][1] != addresses:
                told.append((monotonic(), addresses))

    def addresses(self, name: str) -> tuple[str, ...] | None:
        """Return the addresses of a name as they were; None where there is no such name."""
        if name not in self._known:
            return None
        since = monotonic() - self.delay
        return next((had for when, had in reversed(self._known[name]) if when <= since), ())

    def close(self) -> None:
        """Answer no more."""
        with suppress(OSError):  # it has no peer, yet this wakes the thread
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                query, client = self._socket.recvfrom(4096)
            except OSError:
                return
            if not query:
                return
            if not self.silent:
                self._socket.sendto(answer(query, self.addresses), client)


def answer(query: bytes, addresses: Callable[[str], tuple[str, ...] | None]) -> bytes:
    """Return the answer to a query of one question (RFC 1035, 4.1)."""
    name, end = question(query)
    kind = struct.unpack_from("!H", query, end)[0]
    found = addresses(name)
    records = [socket.inet_aton(one) for one in found or ()] if kind == A else []
    flags = AUTHORITATIVE if found is not None else AUTHORITATIVE | NO_SUCH_NAME
    head = query[:2] + struct.pack("!5H", flags, 1, len(records), 0, 0)
    return head + query[12 : end + 4] + b"".join(map(record, records))


def record(address: bytes) -> bytes:
    """Return a record whose name is the question's."""
    return struct.pack("!HHHIH", 0xC00C, A, IN, int(DELAY), len(address)) + address


def question(query: bytes) -> tuple[str, int]:
    """Return the name that is asked for, and where it ends."""
    labels, at = [], 12
    while length := query[at]:
        labels.append(query[at + 1 : at + 1 + length].decode().lower())
        at += 1 + length
    return ".".join(labels), at + 1
