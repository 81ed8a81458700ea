"""`python -m tests.loop.watch serve …`: vectord, with a watch on how long its event loop's callbacks take.

What counts is the CPU time of the loop's own thread, since other processes of the machine and other threads
have no part in it. asyncio's own loop runs, since uvloop's has no place to watch from; the callbacks are the
same. The collector's time is told apart.
"""

import asyncio
import gc
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

MOST_SECONDS = 0.020
SAMPLE_SECONDS = 0.004
TOLD = "event loop: "


@dataclass
class Watch:
    """Times callbacks of the thread that it is installed in; `tell` hears of those that took too long."""

    tell: Callable[[str], None]
    thread: int = field(default_factory=threading.get_ident)
    running: int = 0  # the number of the callback that runs, 0 between callbacks
    seen: list[str] = field(default_factory=list)
    count: int = 0
    longest: float = 0.0
    collecting: float = 0.0
    collected: float = 0.0
    longest_collection: float = 0.0

    def timed(self, run: Callable[[asyncio.Handle], None], handle: asyncio.Handle) -> None:
        """Run a callback and time it."""
        if threading.get_ident() != self.thread:
            return run(handle)
        collected, before = self.collected, time.thread_time()
        self.count += 1
        self.running = self.count
        try:
            run(handle)
        finally:
            self.running = 0
            took = time.thread_time() - before - (self.collected - collected)
            self.longest = max(self.longest, took)
            if took > MOST_SECONDS:
                where = "\n".join(dict.fromkeys(self.seen))
                self.tell(f"{TOLD}a callback took {took * 1000:.0f} ms of CPU time\n{where}")
            if self.seen:
                self.seen = []
        return None

    def on_collection(self, phase: str, info: object) -> None:
        """Time the garbage collector; in whatever thread it comes, all others wait for it."""
        if phase == "start":
            self.collecting = time.thread_time()
            return
        took = time.thread_time() - self.collecting
        if threading.get_ident() == self.thread:
            self.collected += took
        self.longest_collection = max(self.longest_collection, took)
        if took > MOST_SECONDS:
            self.tell(f"{TOLD}a collection took {took * 1000:.0f} ms of CPU time: {info}")

    def sample(self) -> None:
        """Note, again and again, where a callback is that has run for long."""
        last = 0
        while True:
            time.sleep(SAMPLE_SECONDS)
            running = self.running
            if running and running == last:
                self.seen.append(stack(sys._current_frames().get(self.thread)))
            last = running

    def told(self) -> str:
        """Return what was seen."""
        return (
            f"{TOLD}{self.count} callbacks, the longest {self.longest * 1000:.1f} ms of CPU time; "
            f"the longest collection {self.longest_collection * 1000:.1f} ms"
        )


def stack(frame: FrameType | None) -> str:
    """Return the innermost lines of a stack."""
    lines = [f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_stack(frame)[-8:]]
    return "  " + " < ".join(reversed(lines))


def install(tell: Callable[[str], None]) -> tuple[Watch, Callable[[], None]]:
    """Watch the loop of this thread; return the watch and what ends it."""
    watch, run = Watch(tell), asyncio.Handle._run

    def timed(handle: Any) -> None:
        watch.timed(run, handle)

    asyncio.Handle._run = timed  # type: ignore[assignment,method-assign]
    gc.callbacks.append(watch.on_collection)

    def end() -> None:
        asyncio.Handle._run = run  # type: ignore[method-assign]
        gc.callbacks.remove(watch.on_collection)

    return watch, end


def main() -> int:
    """Run vectord, watched."""
    sys.modules["uvloop"] = None  # type: ignore[assignment]
    from vectord.cli import main as vectord

    watch, end = install(lambda line: print(line, file=sys.stderr, flush=True))
    threading.Thread(target=watch.sample, daemon=True).start()
    try:
        return vectord()
    finally:
        end()
        print(watch.told(), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
