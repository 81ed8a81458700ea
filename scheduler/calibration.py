"""The scale of a model's vectors in 8 bits: made once, of built-in texts, by the model as it is served."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context

import numpy as np
from numpy.typing import NDArray

from vectord.errors import DeadlinePassed

from .precision import scale_of
from .terms import terms

Array = NDArray[np.float32]
Key = tuple[int, bool]  # a form: dimensions, and whether they are unit vectors


class Calibration:
    """Vectors of the built-in texts, run when they are first asked for; used from one event loop.

    Requests that come meanwhile wait for the same run; one that is cancelled does not cancel it. A run that
    failed is tried again by the next request.
    """

    def __init__(self) -> None:
        self._run: asyncio.Task[Array] | None = None
        self._scales: dict[Key, float] = {}

    async def scale(
        self, key: Key, measure: Callable[[], Awaitable[Array]], shape: Callable[[Array], Array]
    ) -> float:
        """Return the scale of vectors in a form: `key` names it, `shape` brings raw vectors into it.

        `measure` runs the built-in texts, (texts, width).
        """
        if key not in self._scales:
            self._scales[key] = scale_of(shape(await self._vectors(measure)))
        return self._scales[key]

    def known(self, key: Key) -> float | None:
        """Return the scale of a form, None before the first request for it."""
        return self._scales.get(key)

    async def _vectors(self, measure: Callable[[], Awaitable[Array]]) -> Array:
        if self._run is None or (self._run.done() and not sound(self._run)):

            async def run() -> Array:
                return await measure()

            # in no request's context: the tokens of this run are nobody's
            self._run = asyncio.get_running_loop().create_task(run(), context=Context())
            self._run.add_done_callback(sound)
        try:
            async with asyncio.timeout(terms().left):
                return await asyncio.shield(self._run)
        except TimeoutError:
            raise DeadlinePassed("the time that the request gave was up before its answer") from None


def sound(run: asyncio.Task[Array]) -> bool:
    """Whether a run has ended well; its failure counts as noticed."""
    return not run.cancelled() and run.exception() is None
