from collections.abc import Callable

import httpx

Clients = Callable[..., httpx.AsyncClient]
ORIGIN = "https://app.example"
PREFLIGHT = {
    "Origin": ORIGIN,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, x-api-key, content-type, x-stainless-os",
}


async def test_a_preflight_needs_no_key(client_with: Clients) -> None:
    async with client_with(api_key="k", cors_allow_origin=(ORIGIN,)) as client:
        answer = await client.options("/v1/embeddings", headers=PREFLIGHT)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    allowed = answer.headers["access-control-allow-headers"]
    assert "authorization" in allowed
    assert "x-api-key" in allowed
    assert "x-request-id" in answer.headers


async def test_browsers_may_read_errors_too(client_with: Clients) -> None:
    async with client_with(api_key="k", cors_allow_origin=("*",)) as client:
        refused = await client.post("/v1/embeddings", headers={"Origin": ORIGIN})
        failed = await client.post(
            "/v1/embeddings", json={"input": "bug"}, headers={"Origin": ORIGIN, "x-api-key": "k"}
        )
    assert (refused.status_code, failed.status_code) == (401, 500)
    for answer in (refused, failed):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "x-request-id" in answer.headers["access-control-expose-headers"]


async def test_other_origins_are_refused(client_with: Clients) -> None:
    async with client_with(cors_allow_origin=(ORIGIN,)) as client:
        answer = await client.options(
            "/v1/embeddings", headers={**PREFLIGHT, "Origin": "https://evil.example"}
        )
    assert answer.status_code == 400


async def test_without_the_setting_no_header_is_sent(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/embeddings", json={"input": "a"}, headers={"Origin": ORIGIN})
    assert "access-control-allow-origin" not in answer.headers
