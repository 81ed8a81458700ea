"""A session on all cores, for a batch that has the machine to itself.

Sessions of one thread answer most when there is much to do; a text that comes alone leaves their other cores
idle, and a session that splits every product between all of them answers it sooner (docs/performance.md). It
holds the weights once more, so it is opened only once there is use for it, and beside the work.
"""

import logging
from collections.abc import Callable
from threading import Lock, Thread

from vectord.core import Session

log = logging.getLogger("vectord.scheduler")
USES = 8  # batches that would have run on it before it is opened


class Wide:
    """One more session of a model. Several threads may ask for it; one at a time runs on it."""

    def __init__(self, name: str, reopen: Callable[[], Session]) -> None:
        self._name, self._reopen = name, reopen
        self._lock = Lock()
        self._asked = 0
        self._session: Session | None = None
        self._wanted = True

    def session(self) -> Session | None:
        """Return it if it is open; open it when it was asked for often enough, without waiting for that."""
        with self._lock:
            self._asked += 1
            if self._asked == USES and self._wanted:
                Thread(target=self._open, name=f"open-wide-{self._name}", daemon=True).start()
            return self._session

    def retire(self) -> Session | None:
        """Hand it out no more, and return it. It stays as it is: something may have hung in it."""
        with self._lock:
            session, self._session, self._wanted = self._session, None, False
        return session

    def close(self) -> None:
        """Free it; nobody runs on it any more."""
        session = self.retire()
        if session is not None:
            session.close()

    def _open(self) -> None:
        try:
            opened = self._reopen()
        except Exception:  # a backend may fail in any way, and there is another session
            log.exception("%s: a session on all cores could not be opened; it goes on without", self._name)
            return
        with self._lock:
            if self._wanted:
                self._session = opened
                log.info("%s: a session on all cores is open, for batches that are alone", self._name)
                return
        opened.close()
