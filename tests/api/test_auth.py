from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

Clients = Callable[..., httpx.AsyncClient]
BODY = {"input": "a"}


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer key-2"},
        {"Authorization": "bearer  key-2 "},
        {"Authorization": "key-2"},
        {"x-api-key": "key-2"},
        {"x-api-key": "key-2", "Authorization": "Bearer wrong"},
        [(b"Authorization", b"Bearer sch\xc3\xb6n")],
    ],
)
async def test_each_way_to_send_a_key_works(client_with: Clients, headers: httpx.Headers) -> None:
    async with client_with(api_key="key-1,key-2,schön") as client:
        answer = await client.post("/v1/embeddings", json=BODY, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer key"},
        {"Authorization": "Bearer key-11"},
        {"Authorization": "Basic key-1"},
        {"x-api-key": "Bearer key-1"},
        [(b"Authorization", b"Bearer \xff")],
    ],
)
async def test_a_wrong_key_is_401(client_with: Clients, headers: httpx.Headers) -> None:
    async with client_with(api_key="key-1") as client:
        answer = await client.post("/v1/embeddings", json=BODY, headers=headers)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (401, "invalid_api_key")
    assert error["message"].startswith("Incorrect API key provided")
    assert "x-request-id" in answer.headers


async def test_tei_routes_refuse_in_their_shape(client_with: Clients) -> None:
    async with client_with(api_key="key-1") as client:
        answer = await client.post("/embed", json={"inputs": "a"})
    assert answer.status_code == 401
    assert answer.json().keys() == {"error", "error_type"}


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/health", "/metrics"])
async def test_probes_and_metrics_are_open(client_with: Clients, path: str) -> None:
    async with client_with(api_key="key-1") as client:
        assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    "path", ["/v1/models", "/openapi.json", "/nowhere", "/livez/", "/v1/models/../livez"]
)
async def test_every_other_path_is_guarded(client_with: Clients, path: str) -> None:
    async with client_with(api_key="key-1") as client:
        assert (await client.get(path)).status_code == 401


async def test_keys_come_from_a_file_too(client_with: Clients, tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("one\n\ntwo\n")
    async with client_with(api_key_file=file) as client:
        assert (await client.get("/v1/models", headers={"x-api-key": "two"})).status_code == 200
        assert (await client.get("/v1/models", headers={"x-api-key": ""})).status_code == 401


async def test_without_keys_everyone_may_ask(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/embeddings", json=BODY)).status_code == 200
