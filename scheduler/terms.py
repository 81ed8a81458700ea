"""On what terms a request is worked on, noted where it comes in: until when, for whom, how urgent."""

import time
from collections.abc import Hashable
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """`deadline` is of `time.perf_counter`'s seconds; after it nobody wants the answer.

    `key` tells the clients apart that share a server, and `bulk` says that the work can wait; None: its
    size says. `sender` tells who it is that comes back after a refusal, and `size` is that of the request
    in bytes, known before it is read.
    """

    deadline: float | None = None
    key: int | None = None
    bulk: bool | None = None
    sender: Hashable | None = None
    size: int = 0

    @property
    def left(self) -> float | None:
        """How many seconds are left, none of them if the deadline has passed."""
        return None if self.deadline is None else max(0.0, self.deadline - time.perf_counter())


PLAIN = Terms()
_current: ContextVar[Terms] = ContextVar("terms", default=PLAIN)


class on_terms:  # a context manager that is asked for by every request
    """Work inside on these terms; tasks that it starts do too."""

    __slots__ = ("_terms", "_token")

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def __enter__(self) -> None:
        self._token = _current.set(self._terms)

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def terms() -> Terms:
    """Return the terms of the work at hand."""
    return _current.get()
