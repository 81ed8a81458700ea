"""Runs the scaling loop and prints its course as JSON: what `make plot-scaling` draws."""

import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from .scaling import INFLIGHT, SPEED, course, looping


def record() -> dict[str, object]:
    """Return what was there at each decision. Raises `AssertionError` when a request failed."""
    with tempfile.TemporaryDirectory() as folder, looping(Path(folder)) as loop:
        course(loop)
        moments = [asdict(one) for one in loop.moments]
        assert not loop.crowd.failed, loop.crowd.failed
        return {"speed": SPEED, "target": INFLIGHT, "answered": loop.crowd.answered, "moments": moments}


if __name__ == "__main__":
    json.dump(record(), sys.stdout)
