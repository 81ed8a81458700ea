import asyncio
import gc
import weakref
from concurrent.futures import Future
from threading import Thread

import pytest

from vectord.scheduler.outcome import outcome

from .fakes import FakeSession, engine, serve


async def test_a_result_comes_from_a_thread() -> None:
    future: Future[int] = Future()
    Thread(target=future.set_result, args=(3,)).start()
    assert await outcome(future) == 3


async def test_a_failure_comes_from_a_thread() -> None:
    future: Future[int] = Future()
    Thread(target=future.set_exception, args=(ValueError("bad"),)).start()
    with pytest.raises(ValueError, match="bad"):
        await outcome(future)


async def test_cancelling_the_wait_cancels_the_future() -> None:
    future: Future[int] = Future()
    waiting = asyncio.create_task(outcome(future))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert future.cancelled()


async def test_a_request_leaves_nothing_for_the_garbage_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    served = serve(FakeSession())
    seen: list[weakref.ref[object]] = []
    submit = served.lane.submit

    def noted(*args: object, **kwargs: object) -> object:
        job = submit(*args, **kwargs)  # type: ignore[arg-type]
        seen.append(weakref.ref(job))
        return job

    monkeypatch.setattr(served.lane, "submit", noted)
    async with engine(served) as asked:
        gc.collect()
        gc.disable()
        try:
            await asked.embed(["a"])
            for _ in range(100):  # the runner lets go of its batch when it next waits
                if seen[0]() is None:
                    break
                await asyncio.sleep(0.01)
            assert seen[0]() is None
        finally:
            gc.enable()
