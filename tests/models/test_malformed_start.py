"""A damaged checkpoint stops `vectord serve` with one line and status 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import Checkpoints

from .damage import Cases, config, shortened, text, without

DAMAGED: Cases = {
    "no config": (without("config.json"), ("has no config.json", "give the directory")),
    "unknown architecture": (
        config(model_type="bort"),
        ("unknown architecture 'bort'", "vectord knows"),
    ),
    "truncated weights": (shortened(100), ("model.safetensors is not a sound", "fetch it again")),
    "garbage for a tokenizer": (text("tokenizer.json", "{}"), ("tokenizer.json is not a sound tokenizer",)),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_the_command_line_says_it_in_one_line(checkpoint: Checkpoints, tmp_path: Path, damage: str) -> None:
    path = checkpoint.copy("bert", tmp_path / "copy")
    apply, words = DAMAGED[damage]
    apply(path)
    command = [sys.executable, "-m", "vectord", "serve", str(path), "--port", "0"]
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    lines = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (1, "", 1), done.stderr
    assert lines[0].startswith("vectord: ")
    assert all(word in lines[0] for word in words)
