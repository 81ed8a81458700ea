"""`vectord bench` as a user runs it: a tiny model, servers by URL, bad ones reported as such."""

import json
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.server import COMMAND, environment
from tests.shared import Checkpoints
from vectord.bench.target import Target
from vectord.bench.workload import WORKLOADS
from vectord.errors import SettingError

from .fakes import Answers, Differs, OnlyEmbeds, Refuses, fake

DOCS = Path(__file__).parents[2] / "docs"


def bench(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, "bench", *arguments], env=environment(), capture_output=True, text=True, timeout=100
    )


def results(folder: Path) -> Any:
    return json.loads((folder / "results.json").read_text())


def test_a_model_in_two_ways_is_measured_at_two_loads(checkpoint: Checkpoints, tmp_path: Path) -> None:
    flags = ("--texts", "12", "--rounds", "1", "--concurrency", "1,3", "--workload", "mixed")
    ways = ("--serve", "--backend onnx", "--serve", "--backend openvino --dtype float32")
    done = bench(checkpoint("bert"), *ways, *flags, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    content = results(tmp_path)
    runs = content["runs"]
    names = ["vectord --backend onnx", "vectord --backend openvino --dtype float32"]
    assert [(run["connections"], run["contender"]) for run in runs] == [
        (connections, name) for connections in (1, 3) for name in names
    ]
    assert all(run["texts"] == 12 and not run["failed"] and run["cosine"] > 0.999 for run in runs)
    assert all(run["client_cpu"] > 0 and run["server_cpu"] >= 0 for run in runs)
    assert all(run["latency"]["p50"] <= run["latency"]["p99"] <= run["seconds"] for run in runs)
    assert content["cores"] >= 1
    assert (tmp_path / "table.md").read_text() in done.stdout
    assert "### mixed, 3 connections, 1 round" in done.stdout
    assert {file.name for file in tmp_path.glob("*.png")} == {"throughput-mixed.png", "latency-mixed.png"}


def test_failures_and_other_vectors_are_reported(tmp_path: Path) -> None:
    with fake(Answers) as (good, seen), fake(Refuses) as (full, _), fake(Differs) as (other, _):
        urls = [f"good=http://127.0.0.1:{good}/embed", f"full=http://127.0.0.1:{full}"]
        urls.append(f"other=http://127.0.0.1:{other}/v1")
        told = [part for url in urls for part in ("--url", url)]
        done = bench(*told, "--texts", "20", "--rounds", "1", "--concurrency", "2", "--out", tmp_path)
    assert done.returncode == 1
    assert re.search(r"^- full: requests failed: \d+ x status 429$", done.stdout, re.MULTILINE)
    assert re.search(r"^- other: other vectors than good, least cosine 0\.\d+$", done.stdout, re.MULTILINE)
    assert "- good: " not in done.stdout
    assert {path for path, _, _ in seen} == {"/embed"}
    failed = {run["contender"]: sum(run["failed"].values()) for run in results(tmp_path)["runs"]}
    assert failed["good"] == failed["other"] == 0 < failed["full"]


def test_pairs_are_ranked_and_who_cannot_is_skipped_by_name(tmp_path: Path) -> None:
    with fake(Answers) as (one, seen), fake(OnlyEmbeds) as (two, _):
        urls = ("--url", f"one=http://127.0.0.1:{one}/v1", "--url", f"two=http://127.0.0.1:{two}/v1")
        flags = ("--workload", "rerank", "--texts", "40", "--rounds", "1", "--api-key", "secret")
        done = bench(*urls, *flags, "--concurrency", "2", "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    assert "- skipped: two on rerank: it answers no rerank request" in done.stdout
    assert {path for path, _, _ in seen} == {"/v1/embeddings", "/rerank"}
    assert {asked["model"] for _, asked, _ in seen} == {"the-model"}
    assert {headers["authorization"] for _, _, headers in seen} == {"Bearer secret"}
    assert "secret" not in (tmp_path / "results.json").read_text()


def test_a_benchmark_that_is_ended_leaves_no_server(checkpoint: Checkpoints, tmp_path: Path) -> None:
    command = [*COMMAND, "bench", str(checkpoint("bert")), "--texts", "100000", "--out", str(tmp_path)]
    with subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        # the bar appears when all servers have started
        "".join(iter(lambda: process.stderr.read(1), "%"))  # type: ignore[union-attr]
        started = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        _, told = process.communicate(timeout=30)
    # CPython ends itself by the signal if that came within an `eval`, as of namedtuple
    assert process.returncode in (130, -signal.SIGINT), told
    assert started
    _, alive = psutil.wait_procs(started, timeout=10)
    assert not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


WRONG = {
    "no address": (["--url", "localhost:80"], 1, "--url localhost:80: write [NAME=]http://HOST:PORT"),
    "no server": (["--url", "x=http://127.0.0.1:9"], 1, "x: ConnectionRefusedError"),
    "two of one name": (["--serve", "", "--serve", ""], 1, "two contenders are named 'vectord'"),
    "no model": (["./nowhere"], 1, "./nowhere is not a directory"),
    "what serve refuses": (["--serve", "--dtype int3"], 1, "--dtype must be one of"),
    "no workload": (["--workload", "tall"], 2, "invalid choice: 'tall'"),
    "no connections": (["--concurrency", "8,0"], 2, "'0' is not a whole number of at least 1"),
    "no folder": (["--out", "/dev/null/x"], 1, "--out /dev/null/x: Not a directory"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_one_line(case: str, checkpoint: Checkpoints, tmp_path: Path) -> None:
    arguments, status, complaint = WRONG[case]
    model = [str(checkpoint("bert"))] if arguments[0] == "--serve" else []
    out = [] if case == "no folder" else ["--out", str(tmp_path)]
    done = bench(*model, *arguments, *out)
    assert done.returncode == status
    last = [line for line in done.stderr.splitlines() if not line.startswith("starting ")][-1]
    assert last.startswith("vectord")
    assert complaint in last
    assert "Traceback" not in done.stderr


def test_help_and_docs_know_every_workload_and_flag() -> None:
    told, page = bench("--help").stdout, (DOCS / "benchmark.md").read_text()
    for workload in WORKLOADS.values():
        assert f"{workload.name:<14}{workload.told}" in told
        assert f"| `{workload.name}` | {workload.told} |" in page
    for flag in set(re.findall(r"(?:^|\s)(--[a-z-]+)", told)) - {"--help", "--dtype", "--backend"}:
        assert f"`{flag}" in page, flag
    assert "vectord bench ./my-model --workload short --workload mixed --concurrency 1,8,64" in told


@pytest.mark.parametrize(
    ("text", "name", "path", "dialect", "rerank"),
    [
        ("http://h:1", "h:1", "/v1/embeddings", "openai", "/rerank"),
        ("a=http://h:1/v1", "a", "/v1/embeddings", "openai", "/rerank"),
        ("a=http://h:1/v1/embeddings/", "a", "/v1/embeddings", "openai", "/rerank"),
        ("http://h/deep/v1", "h", "/deep/v1/embeddings", "openai", "/deep/rerank"),
        ("tei=https://h/embed", "tei", "/embed", "tei", "/rerank"),
        ("http://h:1/v1?a=b", "h:1", "/v1/embeddings", "openai", "/rerank"),
    ],
)
def test_an_address_says_the_dialect(text: str, name: str, path: str, dialect: str, rerank: str) -> None:
    target = Target.parse(text)
    assert (target.name, target.path, target.dialect, target.rerank_path) == (name, path, dialect, rerank)
    assert target.port == (443 if "https" in text else 1 if ":1" in text else 80)


@pytest.mark.parametrize("text", ["", "x", "ftp://h", "http://", "http://h:x", "a=b=c"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="--url"):
        Target.parse(text)
