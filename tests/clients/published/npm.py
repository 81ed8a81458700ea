"""Runs a script of node/ with what it is given; clients from npm answer as JSON."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .plain import DOCUMENTS, KEY, MODEL, QUERY, TEXTS, WRONG_KEY, Target

FOLDER = Path(__file__).with_name("node")


def run(script: str, server: Target, guarded: Target) -> Any:
    """Return what the script found, or skip by name where node or its packages are lacking."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules").exists():
        pytest.skip("npm's clients are not installed")
    given = {
        "url": server.url,
        "guarded": guarded.url,
        "model": MODEL,
        "key": KEY,
        "wrong": WRONG_KEY,
        "texts": TEXTS,
        "query": QUERY,
        "documents": DOCUMENTS,
    }
    done = subprocess.run(
        [node, FOLDER / script], input=json.dumps(given), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
