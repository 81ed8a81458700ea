import httpx

from tests.scheduler.fakes import encoding

from .fake import FakeEngine

DETAILS = {
    "backend": "fake",
    "dtype": "float32",
    "replicas": 1,
    "tasks": ["embed", "rerank"],
    "max_length": 6,
    "dimensions": 8,
    "fingerprint": "f00d",
    "revision": "abc",
    "prompts": ["query"],
    "int8_scale": None,
}


async def test_models_lists_names_and_aliases(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/v1/models")).json()
    assert answer["object"] == "list"
    assert [one["id"] for one in answer["data"]] == ["mini", "org/mini", "cross", "many"]


async def test_a_model_says_how_it_is_served(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/v1/models/mini")).json()
    details = answer.pop("vectord")
    assert answer == {"id": "mini", "object": "model", "created": 1_700_000_000, "owned_by": "vectord"}
    assert details == DETAILS


async def test_a_name_may_hold_slashes(client: httpx.AsyncClient) -> None:
    for path in ("/v1/models/org/mini", "/v1/models/org%2Fmini"):
        assert (await client.get(path)).json()["id"] == "org/mini"


async def test_a_cross_encoder_has_no_dimensions(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/models/cross")).json()["vectord"]["dimensions"] is None


async def test_an_unknown_model_is_404(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/models/gpt")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "model_not_found")


async def test_infinitys_list_tells_of_the_load(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    engine.served[0].lane.submit([encoding(150), encoding(100, 2)], frozenset({"embedding"}))
    answer = (await client.get("/models")).json()
    assert answer["object"] == "list"
    assert [one["id"] for one in answer["data"]] == ["mini", "org/mini", "cross", "many"]
    assert answer["data"][0] == {
        "id": "mini",
        "object": "model",
        "created": 1_700_000_000,
        "owned_by": "infinity",
        "vectord": DETAILS,
        "backend": "fake",
        "capabilities": ["embed", "rerank"],
        "stats": {"queue_fraction": 0.25, "queue_absolute": 2, "results_pending": 2, "batch_size": 64},
    }
    assert answer["data"][2]["stats"]["queue_absolute"] == 0
