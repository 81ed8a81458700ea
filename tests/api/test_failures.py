import logging
import re
from typing import Any, cast

import httpx
import pytest

from vectord.api import Metrics, create_app
from vectord.config import Settings
from vectord.errors import Unavailable

from .conftest import client_of
from .fake import SECRET, FakeEngine


async def test_an_unknown_route_is_openais_404(client: httpx.AsyncClient) -> None:
    for path in ("/nowhere", "/v1/embeddings/", "/v1/chat/completions"):
        answer = await client.post(path, json={})
        error = answer.json()["error"]
        assert (answer.status_code, error["code"]) == (404, "unknown_url")
        assert error.keys() == {"message", "type", "param", "code"}
        assert answer.json()["message"] == answer.json()["detail"] == error["message"]


async def test_below_v2_an_error_is_coheres(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v2/nowhere", json={}, headers={"x-request-id": "r-2"})
    assert answer.status_code == 404
    assert answer.json() == {"id": "r-2", "message": "No such route; GET /openapi.json lists them all."}


async def test_a_wrong_method_is_405_and_says_the_right_one(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/models")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["error"]["code"] == "method_not_allowed"


async def test_a_bug_is_500_and_tells_nothing(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    body = {"input": ["private words", "bug"]}
    answer = await client.post("/v1/embeddings", json=body, headers={"x-request-id": "r-1"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (500, "server_error")
    assert "Traceback" not in answer.text
    assert SECRET not in answer.text
    assert "builtins.ValueError" in caplog.text
    assert "fake.py" in caplog.text  # the stack
    assert "r-1" in caplog.text
    assert SECRET not in caplog.text
    assert "private" not in caplog.text


async def test_causes_are_logged_without_their_texts(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(FakeEngine):
        def find(self, *_: object) -> Any:
            try:
                raise KeyError(SECRET)
            except KeyError as error:
                raise RuntimeError(SECRET) from error

    app = create_app(cast(Any, Broken()), Settings(), Metrics())
    async with client_of(app) as client:
        await client.post("/v1/embeddings", json={"input": "a"})
    assert "caused by builtins.KeyError" in caplog.text
    assert SECRET not in caplog.text


async def test_a_failing_backend_is_500(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/embeddings", json={"input": "fail"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "backend_failed")


async def test_503_says_when_to_come_back(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def unavailable(*_: object) -> None:
        raise Unavailable("The model is being loaded.")

    monkeypatch.setattr(engine, "find", unavailable)
    async with client_of(create_app(cast(Any, engine), Settings(), Metrics())) as client:
        answer = await client.post("/v1/embeddings", json={"input": "a"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize("sane", ["abc", "a.b:c_d-1", "x" * 128])
async def test_a_sane_request_id_is_echoed(client: httpx.AsyncClient, sane: str) -> None:
    for path in ("/livez", "/nowhere"):
        answer = await client.get(path, headers={"x-request-id": sane})
        assert answer.headers.get_list("x-request-id") == [sane]


@pytest.mark.parametrize("other", [None, "", "a b", "x" * 129, "a\tb", "ü", "a,b"])
async def test_any_other_is_replaced(client: httpx.AsyncClient, other: str | None) -> None:
    headers = {} if other is None else {b"x-request-id": other.encode()}
    answer = await client.get("/livez", headers=cast(Any, headers))
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["x-request-id"])


async def test_texts_and_keys_never_reach_the_log(
    engine: FakeEngine, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = create_app(cast(Any, engine), Settings(api_key="hush"), Metrics())
    async with client_of(app) as client:
        for key in ("hush", "hush-hush"):
            for text in ("zebra", "bug"):
                body = {"input": ["zebra", text], "encoding_format": "zebra" if text == "zebra" else None}
                await client.post("/v1/embeddings", json=body, headers={"x-api-key": key})
    assert "zebra" not in caplog.text
    assert "hush" not in caplog.text
