"""The script for a card runs to its end anywhere, on networks of each kind that are small."""

import json
import subprocess
import sys
from pathlib import Path

from bench.cuda_models import write_hollow

MODELS = ["BERT-base", "Mistral-7B"]  # both ways of attending; each takes a second or two
SHAPES = ["16", "128", "512", "mixed"]


def test_all_of_it_runs_small_on_a_cpu(tmp_path: Path) -> None:
    out = tmp_path / "figures"
    command = [sys.executable, "-m", "bench.cuda", "--device", "cpu", "--tiny", "--seconds", "1"]
    command += ["--models", ",".join(MODELS)]
    subprocess.run([*command, "--out", str(out)], check=True, timeout=120, capture_output=True)
    found = json.loads(out.with_suffix(".json").read_text())
    assert [(row["model"], row["shape"]) for row in found["rows"]] == [
        (name, shape) for name in MODELS for shape in SHAPES
    ]
    for row in found["rows"]:
        assert row["tokens_per_s"] > 0
        assert row["st_tokens_per_s"] > 0
        assert row["share"] > 0
        assert row["p50_ms_alone"] > 0
        assert abs(row["times_st"] - row["tokens_per_s"] / row["st_tokens_per_s"]) < 1e-6
    lines = out.with_suffix(".md").read_text().splitlines()
    assert sum(line.startswith("| ") for line in lines) == 1 + len(found["rows"])


def test_a_hollow_checkpoint_takes_no_place(tmp_path: Path) -> None:
    path = write_hollow("BERT-base", tmp_path)
    status = (path / "model.safetensors").stat()
    assert status.st_size > 200_000_000
    assert status.st_blocks * 512 < 1_000_000
