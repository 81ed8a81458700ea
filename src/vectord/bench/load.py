"""The load: connections that send prepared requests, in a closed loop or in bursts.

A bare HTTP/1.1 client on purpose: an SDK would take more of the cores than the server does.
"""

import asyncio
import ssl
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from .target import Target
from .wire import Connection

MOST_CONNECTIONS = 1024


@dataclass(frozen=True, slots=True)
class Schedule:
    """When requests leave: a closed loop of `connections`, or `burst` at once every `period` seconds.

    No request is begun after `seconds`; the round ends in any case after `limit`.
    """

    connections: int
    burst: int = 0
    period: float = 0.0
    seconds: float | None = None
    limit: float = 600.0


@dataclass(slots=True)
class Done:
    """What came of a round: seconds of each request that was answered, by its number; the rest failed."""

    seconds: float = 0.0
    latency: dict[int, float] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    kept: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)


class Load:
    """Sends the requests of one round. `keep`: numbers of requests whose answers are wanted."""

    def __init__(
        self,
        target: Target,
        requests: Sequence[bytes],
        schedule: Schedule,
        keep: frozenset[int] = frozenset(),
    ) -> None:
        self._target, self._requests, self._schedule, self._keep = target, requests, schedule, keep
        self._ready: deque[tuple[int, float]] = deque()  # numbers, and when each was due
        self._idle: list[Connection] = []
        self._opening: set[asyncio.Task[None]] = set()
        self._left = len(requests)
        self._released = self._open = 0
        self.done = Done()

    async def run(self) -> Done:
        """Send all, and return when each has its answer or has failed."""
        self._loop = asyncio.get_running_loop()
        self._finished = self._loop.create_future()
        wanted = min(self._schedule.connections, len(self._requests))
        if not self._schedule.burst:
            await asyncio.gather(*(self._connect() for _ in range(wanted)))
        self._start = time.perf_counter()
        self._release()
        try:
            async with asyncio.timeout(self._schedule.limit):
                await self._finished
        except TimeoutError:
            self.done.failed["no answer in time"] += self._left
        self.done.seconds = time.perf_counter() - self._start
        for task in self._opening:
            task.cancel()
        for connection in self._idle:
            connection.close()
        return self.done

    def answered(self, connection: Connection, number: int, due: float, status: int) -> None:
        """Count an answer, and send the next request on its connection."""
        if status == 200:
            self.done.latency[number] = time.perf_counter() - due
            if number in self._keep:
                self.done.kept[number] = connection.answer
        else:
            self.done.failed[f"status {status}"] += 1
        if connection.closes:
            self._open -= 1
            connection.close()
        else:
            self._idle.append(connection)
        self._settle()

    def lost(self, connection: Connection, number: int | None) -> None:
        """Count a connection that closed; what was under way has failed."""
        self._open -= 1
        if connection in self._idle:
            self._idle.remove(connection)
        if number is not None:
            self.done.failed["connection closed"] += 1
            self._settle()

    def _settle(self) -> None:
        self._left -= 1
        if not self._left and not self._finished.done():
            self._finished.set_result(None)
        self._dispatch()

    def _release(self) -> None:
        """Let requests leave: all, or a burst and later the next."""
        schedule, now = self._schedule, time.perf_counter()
        first = self._released
        self._released = min(len(self._requests), first + (schedule.burst or len(self._requests)))
        self._ready.extend((number, now) for number in range(first, self._released))
        if self._released < len(self._requests):
            self._loop.call_later(schedule.period - (now - self._start) % schedule.period, self._release)
        self._dispatch()

    def _dispatch(self) -> None:
        """Send what is ready on connections that are idle."""
        if self._over():
            return
        while self._ready and self._idle:
            number, due = self._ready.popleft()
            # in a closed loop nothing is due before its turn
            moment = due if self._schedule.burst else time.perf_counter()
            self._idle.pop().send(number, self._requests[number], moment)
        while self._ready and len(self._opening) < len(self._ready) and self._may_open():
            task = self._loop.create_task(self._reconnect())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def _over(self) -> bool:
        """Whether the time is up: what was not sent is no longer wanted."""
        schedule = self._schedule
        if schedule.seconds is None or time.perf_counter() - self._start < schedule.seconds:
            return False
        self._left -= len(self._ready) + len(self._requests) - self._released
        self._released = len(self._requests)
        self._ready.clear()
        if self._left <= 0 and not self._finished.done():
            self._finished.set_result(None)
        return True

    def _may_open(self) -> bool:
        most = MOST_CONNECTIONS if self._schedule.burst else self._schedule.connections
        return self._open + len(self._opening) < most

    async def _connect(self) -> None:
        context = ssl.create_default_context() if self._target.scheme == "https" else None
        _, connection = await asyncio.get_running_loop().create_connection(
            lambda: Connection(self.answered, self.lost), self._target.host, self._target.port, ssl=context
        )
        self._open += 1
        self._idle.append(connection)

    async def _reconnect(self) -> None:
        """Open one more; what cannot be sent for want of a connection has failed."""
        try:
            await self._connect()
        except OSError:
            if self._ready:
                self._ready.popleft()
                self.done.failed["no connection"] += 1
                self._settle()
            return
        self._dispatch()
