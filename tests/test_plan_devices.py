"""`vectord plan` on machines with and without CUDA devices, as nvidia-smi tells of them."""

import os
import re
from pathlib import Path

from .shared import Checkpoints
from .test_cli import vectord


def test_plan_tells_what_cuda_lacks_and_devices_are_never_replaced(
    checkpoint: Checkpoints, tmp_path: Path
) -> None:
    bert, command = checkpoint("bert"), tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\necho '0, Tesla P100, 6.0, 15000'\necho '1, H200, 9.0, 143000'\n")
    path = f"{tmp_path}:{os.environ['PATH']}"
    shown = vectord("plan", bert)
    assert re.search(
        r"bid +torch .*; attention: by length; no CUDA: nvidia-smi finds no device", shown.stdout
    )
    command.chmod(0o755)
    for devices in ("1", "0", "4"):
        asked = vectord("plan", bert, "--devices", devices, PATH=path)
        assert asked.returncode != 0
        assert len(asked.stderr.splitlines()) == 1
        assert "onnx: runs on CPUs, and --devices asks for CUDA" in asked.stderr
        assert "torch: no CUDA: " in asked.stderr
    assert "--devices must be auto" in vectord("plan", bert, VECTORD_DEVICES="first").stderr
