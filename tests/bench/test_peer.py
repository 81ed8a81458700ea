"""A library behind the benchmark's minimal server answers as it does by itself."""

import base64
import socket
import subprocess
import sys
import time

import httpx
import numpy as np
import pytest
from bench.field import PEER

from tests.shared import Checkpoints


@pytest.mark.slow
def test_sentence_transformers_is_served(checkpoint: Checkpoints) -> None:
    from sentence_transformers import SentenceTransformer

    folder, texts = str(checkpoint("bert")), ["a b", "c"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, *PEER, "sentence-transformers", folder, str(port)])
    try:
        found = ask(process, f"http://127.0.0.1:{port}/v1/embeddings", texts)
    finally:
        process.terminate()
        process.wait(20)
    assert np.allclose(found, SentenceTransformer(folder, device="cpu").encode(texts), atol=1e-5)


def ask(process: "subprocess.Popen[bytes]", url: str, texts: list[str]) -> list[np.ndarray]:
    """Return the vectors of texts, once the server listens."""
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            data = httpx.post(url, json={"input": texts}, timeout=60).json()["data"]
        except httpx.ConnectError:
            time.sleep(0.2)
        else:
            return [np.frombuffer(base64.b64decode(one["embedding"]), "<f4") for one in data]
    raise AssertionError("the server did not start")
