"""The snippets of examples/clients/ print what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .plain import Target
from .serving import ROOT

ROUTES = (
    "POST /",
    "POST /rerank",
    "POST /score",
    "POST /v1/embeddings",
    "POST /v1/rerank",
    "POST /v2/embed",
    "POST /v2/rerank",
)
ADDRESS = "http://127.0.0.1:8080"
SNIPPETS = sorted((ROOT / "examples/clients").glob("*.py"))


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: path.stem)
def test_it_prints_what_it_says(server: Target, snippet: Path, tmp_path: Path) -> None:
    script = snippet.read_text()
    said = re.findall(r"^print\(.*\)  # (.*)$", script, re.MULTILINE)
    assert said
    assert ADDRESS in script
    done = subprocess.run(
        [sys.executable, "-c", script.replace(ADDRESS, server.url)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if (lacks := re.search(r"No module named '(\w+)", done.stderr)) and lacks[1] in script:
        pytest.skip(f"{lacks[1]} is not installed")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == said
