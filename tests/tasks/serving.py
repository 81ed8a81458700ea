"""Tiny checkpoints behind the engine, as a library user opens it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.checkpoints import TEXTS
from vectord import open_engine
from vectord.scheduler import Engine

# longer than the limit of every checkpoint here but those of 8,192 positions
LONG = " ".join(TEXTS * 3)
INPUTS = (*TEXTS, LONG)


@asynccontextmanager
async def engine(path: Path, **settings: Any) -> AsyncIterator[Engine]:
    """Serve one checkpoint in float32, on the backend that is quickest to load."""
    async with open_engine(str(path), backend="onnx", dtype="float32", threads=1, **settings) as opened:
        yield opened


def near(one: Any, other: Any) -> None:
    """Both have one shape, and no figure differs by more than the reference's rounding."""
    np.testing.assert_equal(np.shape(one), np.shape(other))
    np.testing.assert_allclose(one, other, rtol=0, atol=2e-5)
