import httpx

from vectord.api import Drain

from .fake import FakeEngine


async def test_ready_says_so_for_each_model(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "models": [
            {"id": "mini", "ready": True, "waiting": 0, "running": 0},
            {"id": "cross", "ready": True, "waiting": 0, "running": 0},
            {"id": "many", "ready": True, "waiting": 0, "running": 0},
        ],
    }


async def test_dead_runners_are_not_ready_yet_alive(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    engine.ready = engine.served[1].ready = False
    ready, health, live = [await client.get(path) for path in ("/readyz", "/health", "/livez")]
    assert (ready.status_code, health.status_code, live.status_code) == (503, 503, 200)
    assert [one["ready"] for one in ready.json()["models"]] == [True, False, True]
    assert ready.headers["retry-after"] == "1"


async def test_a_draining_server_is_healthy_and_not_ready(client: httpx.AsyncClient, drain: Drain) -> None:
    drain.begin()
    ready, health = await client.get("/readyz"), await client.get("/health")
    assert (ready.status_code, ready.json()["status"]) == (503, "draining")
    assert health.status_code == 200


async def test_probes_answer_head(client: httpx.AsyncClient) -> None:
    for path in ("/livez", "/readyz", "/health", "/metrics", "/v1/models"):
        assert (await client.head(path)).status_code == 200
