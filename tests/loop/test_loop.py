"""No callback of the event loop takes long, whatever is asked of the server."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.installed import install
from tests.server import DEFAULT_MODEL, Server, serving
from tests.shared import Checkpoints

from .load import drive
from .watch import MOST_SECONDS
from .watch import install as watch_loop

ROOT = Path(__file__).parents[2]
TINY = ("bert_rerank", "bert_classify", "bert_ner", "bert_splade", "bert_colbert")
LIMITS = ("--max-waiting-tokens", "5000000", "--max-request-tokens", "1000000")
SLOW = "a callback took"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, checkpoint: Checkpoints) -> Iterator[Server]:
    if DEFAULT_MODEL is None:
        pytest.skip("all-MiniLM-L6-v2 is not installed")
    code = (Path(__file__).parent / "backend.py").read_text()
    folder = install(tmp_path_factory.mktemp("plugins"), "quick", code)
    paths = os.pathsep.join(filter(None, (str(folder), str(ROOT), os.environ.get("PYTHONPATH"))))
    models = [f"mini={DEFAULT_MODEL}", *(f"{name}={checkpoint(name)}" for name in TINY)]
    command = (sys.executable, "-m", "tests.loop.watch")
    with serving(*models, *LIMITS, command=command, env={"PYTHONPATH": paths}) as server:
        yield server


async def test_no_request_holds_up_the_event_loop(server: Server) -> None:
    statuses = await drive(server.url, seed=1)
    server.terminate()
    assert await asyncio.to_thread(server.wait) == 0
    told = "\n".join(server.log)
    assert set(statuses) == {200}
    assert "callbacks, the longest" in told
    assert SLOW not in told, told


def test_the_watch_sees_a_callback_that_computes_and_none_that_sleeps() -> None:
    told: list[str] = []

    async def compute() -> None:
        end = time.thread_time() + 2 * MOST_SECONDS
        while time.thread_time() < end:
            pass

    async def rest() -> None:
        time.sleep(2 * MOST_SECONDS)  # noqa: ASYNC251

    watch, end = watch_loop(told.append)
    try:
        asyncio.run(rest())
        assert not told
        asyncio.run(compute())
    finally:
        end()
    assert len(told) == 1
    assert SLOW in told[0]
    assert watch.longest > 2 * MOST_SECONDS
