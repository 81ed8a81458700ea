"""Plugins of strangers, as a process finds them."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from ..server import COMMAND, environment, serving
from ..shared import Checkpoints
from . import installed
from .installed import install

BROKEN = {
    "unimportable": (
        installed.UNIMPORTABLE,
        "plugin 'broken' (broken) failed to load: No module named 'a_module_that_nobody_has'",
    ),
    "misspelt": (
        installed.MISSPELT,
        "plugin 'broken' (broken) failed to load: unknown hook 'register_backend'",
    ),
    "raising": (installed.RAISING, "plugin 'broken' (broken) failed to register backends: no licence found"),
}


@pytest.fixture
def bert(checkpoint: Checkpoints) -> Path:
    return checkpoint("bert")


def vectord(*arguments: str | Path, plugins: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *arguments],
        env=environment(PYTHONPATH=str(plugins)),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_strangers_backend_bids_like_ours(tmp_path: Path, bert: Path) -> None:
    install(tmp_path, "quick", installed.backend("quick"))
    done = vectord("plan", bert, plugins=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "bid     quick       1000  float32   it is fast" in done.stdout
    assert "choice    quick, float32 on cpu" in done.stdout
    for name in ("onnx", "openvino", "torch"):
        assert f"bid     {name} " in done.stdout


def test_a_strangers_backend_takes_the_place_of_ours_of_that_name(tmp_path: Path, bert: Path) -> None:
    install(tmp_path, "zz_better_onnx", installed.backend("onnx", reason="a better onnx"))
    install(tmp_path, "aa_better_torch", installed.backend("torch", reason="a better torch"))
    done = vectord("plan", bert, plugins=tmp_path)
    assert done.stdout.count("bid     onnx ") == done.stdout.count("bid     torch ") == 1
    assert "a better onnx" in done.stdout
    assert "a better torch" in done.stdout


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_plugin_is_named_and_left_out(tmp_path: Path, bert: Path, case: str) -> None:
    code, complaint = BROKEN[case]
    install(tmp_path, "broken", code)
    with serving(f"mini={bert}", env={"PYTHONPATH": str(tmp_path)}) as server:
        answer = httpx.post(f"{server.url}/v1/embeddings", json={"input": "a"})
        assert answer.status_code == 200
    [line] = [line for line in server.log if "broken" in line]
    assert f"{complaint}; serving without it" in line
    assert " ERROR " in line


@pytest.mark.parametrize("case", BROKEN)
def test_strict_plugins_stop_the_start_with_one_line(tmp_path: Path, bert: Path, case: str) -> None:
    code, complaint = BROKEN[case]
    install(tmp_path, "broken", code)
    done = vectord("serve", "--strict-plugins", bert, plugins=tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"vectord: {complaint}\n"


LISTING = """
import sys
from vectord.config import Settings
from vectord.plan import plan

list(plan(Settings(models=(sys.argv[1],))))
print(*sys.modules)
"""
SERVING = """
import asyncio, sys
from vectord.compose import build_engine
from vectord.config import Settings

async def main():
    async with build_engine(Settings(models=(sys.argv[1],), backend=sys.argv[2])) as engine:
        assert (await engine.embed(["a text"])).vectors.shape == (1, 32)

asyncio.run(main())
print(*sys.modules)
"""
HEAVY = {"torch", "transformers", "sentence_transformers", "onnxruntime", "openvino", "onnx", "scipy"}


def imported(code: str, *arguments: str | Path) -> set[str]:
    """Return the heavy libraries that a process imports."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return HEAVY & set(done.stdout.split())


def test_listing_plugins_and_bidding_imports_no_heavy_library(bert: Path) -> None:
    assert imported(LISTING, bert) == set()


@pytest.mark.parametrize("backend", ["auto", "onnx", "openvino"])
def test_serving_imports_neither_torch_nor_transformers(bert: Path, backend: str) -> None:
    assert imported(SERVING, bert, backend) <= {"onnx", "onnxruntime", "openvino"}


def test_the_torch_backend_imports_torch_and_not_transformers(bert: Path) -> None:
    assert imported(SERVING, bert, "torch") & {"torch", "transformers", "onnxruntime"} == {"torch"}
