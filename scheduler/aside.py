"""Work on many numbers runs in a thread, so that the event loop does not wait for it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import ParamSpec, TypeVar

from vectord.core import Encoding

P = ParamSpec("P")
T = TypeVar("T")

MANY = 200_000  # numbers; a pass over them takes some 0.1 ms, and there may be ten
EACH = 4_000  # numbers whose passes take as long as the calls that every input takes for itself


async def aside(numbers: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do the work, in a thread if it is on many numbers."""
    if numbers <= MANY:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)


def of_rows(inputs: Sequence[object], width: int) -> int:
    """Return how many numbers count where all rows are worked on at once."""
    return len(inputs) * width


def of_tokens(encodings: Sequence[Encoding], width: int) -> int:
    """Return how many numbers count where each input's rows of tokens are worked on for themselves."""
    return len(encodings) * EACH + sum(map(len, encodings)) * width
