"""Weights go to the device in the precision they are wanted in, one at a time: the host holds no copy."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from bench.models import write_tokenizer
from transformers import BertConfig, BertModel

ITEM = {"bfloat16": 2, "float32": 4}
SLACK = 24_000_000  # the allocator's, and the pages of the file that are being read


@pytest.fixture(scope="module", params=["bfloat16", "float32"])
def stored(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A BERT of 100 M parameters in several files."""
    path = tmp_path_factory.mktemp("large") / request.param
    model = BertModel(BertConfig(vocab_size=24_000), add_pooling_layer=False)
    model.to(getattr(torch, request.param)).save_pretrained(path, max_shard_size="40MB")
    write_tokenizer(path, 24_000)
    assert len(list(path.glob("*.safetensors"))) > 3
    return path, request.param


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak is read from Linux")
@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_the_peak_is_the_weights_themselves(stored: tuple[Path, str], dtype: str) -> None:
    path, kept = stored
    command = [sys.executable, "-m", "tests.backends.loading", str(path), dtype]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    before, peak, parameters = map(int, done.stdout.split())
    print(f"{kept} as {dtype}: {(peak - before) / 1e6:.0f} MB for {parameters * ITEM[dtype] / 1e6:.0f} MB")
    assert parameters > 90_000_000
    assert peak - before <= parameters * ITEM[dtype] + SLACK
