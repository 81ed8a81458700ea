"""Memory does not grow with the shapes that a session has seen."""

import json
import subprocess
import sys

import pytest

from tests.shared import Checkpoints

SHAPES = 20_000
GROWTH = 60.0  # megabytes, from half of the shapes to all; it levels off (docs/performance.md)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("backend", ["onnx", "openvino", "torch"])
@pytest.mark.parametrize("family", ["bert", "modernbert", "nomic_moe", "deberta", "qwen3"])
def test_it_is_flat_over_twenty_thousand_random_shapes(
    checkpoint: Checkpoints, family: str, backend: str
) -> None:
    command = [sys.executable, "-m", "tests.backends.shapes", checkpoint(family), backend, str(SHAPES)]
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=True)
    _, half, _, last = json.loads(done.stdout.splitlines()[-1])
    print(family, backend, done.stdout.strip())
    assert last - half <= GROWTH
