import asyncio

import httpx

from vectord.api import Drain

from .fake import FakeEngine


async def test_answers_ask_to_close_while_leaving(client: httpx.AsyncClient, drain: Drain) -> None:
    assert "connection" not in (await client.get("/livez")).headers
    drain.begin()
    for path in ("/livez", "/nowhere"):
        assert (await client.get(path)).headers["connection"] == "close"


async def test_late_requests_are_served(client: httpx.AsyncClient, drain: Drain) -> None:
    drain.begin()
    assert (await client.post("/v1/embeddings", json={"input": "a"})).status_code == 200


async def test_requests_count_as_in_flight_until_answered(
    client: httpx.AsyncClient, drain: Drain, engine: FakeEngine
) -> None:
    asking = asyncio.create_task(client.post("/v1/embeddings", json={"input": "hold"}))
    await engine.held.wait()
    assert drain.in_flight == 1
    idle = asyncio.create_task(drain.idle())
    await asyncio.sleep(0)
    assert not idle.done()
    engine.release.set()
    await asking
    await asyncio.wait_for(idle, 1)
    assert drain.in_flight == 0
