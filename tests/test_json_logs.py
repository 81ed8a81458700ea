"""A server that logs JSON writes nothing else, whatever goes wrong in it."""

import json
import os
import re
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from .plugins.installed import install
from .server import COMMAND, environment, serving
from .shared import Checkpoints

# a backend that warns, logs, fails in a thread, and, once it is told to, fails on every input
TROUBLED = """
import logging, threading, warnings
from pathlib import Path

import numpy as np

from vectord.core import Bid
from vectord.plugins import hookimpl


class Session:
    def run(self, batch, outputs):
        if not Path(__file__).with_name("fail").exists():
            return {output: np.ones((len(batch), 32), np.float32) for output in outputs}
        warnings.warn("run warns\\nover two lines")
        raise ValueError("the model failed\\nover two lines")

    def close(self):
        pass


class Troubled:
    name = "troubled"

    def bid(self, card, hardware, options):
        return Bid(score=1000, dtype="float32", reason="it fails")

    def load(self, card, bid):
        warnings.warn("load warns")
        logging.getLogger("a.library").warning("a library warns")
        logging.getLogger("a.library").info("a library chats")
        thread = threading.Thread(target=lambda: 1 / 0)
        thread.start()
        thread.join()
        return Session()


@hookimpl
def register_backends():
    return [Troubled()]
"""
JSON = {"VECTORD_LOG_FORMAT": "json"}


def troubled(folder: Path) -> dict[str, str]:
    """Return the variables of a server whose backend is in trouble."""
    paths = [str(install(folder, "troubled", TROUBLED)), os.environ.get("PYTHONPATH", "")]
    return {**JSON, "VECTORD_LOG_LEVEL": "debug", "PYTHONPATH": os.pathsep.join(filter(None, paths))}


def test_every_line_is_json_whatever_fails(checkpoint: Checkpoints, tmp_path: Path) -> None:
    with serving(str(checkpoint("bert")), "--backend", "troubled", env=troubled(tmp_path)) as server:
        (tmp_path / "fail").touch()
        assert httpx.post(f"{server.url}/v1/embeddings", json={"input": "a"}).status_code == 500
        assert httpx.post(f"{server.url}/embed", content=b"{").status_code == 400
        with socket.create_connection(("127.0.0.1", server.port)) as client:
            client.sendall(b"no HTTP at all\r\n\r\n")
            client.recv(1000)
    lines = [json.loads(line) for line in server.log]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    told = "\n".join(line["message"] + line.get("traceback", "") for line in lines)
    for wanted in (
        "load warns",
        "run warns",
        "a library warns",
        "ZeroDivisionError",
        "the model failed",
        "listening on",
    ):
        assert wanted in told
    assert "a library chats" not in told


@pytest.mark.parametrize("wrong", ["settings", "models"])
def test_why_a_server_does_not_start_is_one_json_line(wrong: str, tmp_path: Path) -> None:
    changes = {"settings": {"VECTORD_PORT": "x"}, "models": {"VECTORD_MODELS": str(tmp_path)}}[wrong]
    done = subprocess.run(
        [*COMMAND, "serve"], env=environment(**JSON, **changes), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    [line] = [json.loads(line) for line in done.stderr.splitlines()]
    assert (line["level"], line["logger"]) == ("critical", "vectord")
    assert re.search(
        {"settings": "VECTORD_PORT must be", "models": re.escape(tmp_path.name)}[wrong], line["message"]
    )
