import gzip
import json
from collections.abc import Callable
from typing import Literal

import httpx
import pytest
from backports import zstd

from vectord.api.compress import accepts

Clients = Callable[..., httpx.AsyncClient]
Coding = Literal["gzip", "zstd"]
DECOMPRESS: dict[Coding, Callable[[bytes], bytes]] = {"gzip": gzip.decompress, "zstd": zstd.decompress}
MANY = {"input": ["some text"] * 1000}


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("x-gzip", True),
        ("deflate, gzip;q=0.5, br", True),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*", True),
        ("*;q=0", False),
        ("*, gzip;q=0", False),
        ("*;q=0, gzip", True),
        ("identity, gzip", True),
        ("identity;q=1, gzip;q=0.5", False),
        ("identity;q=0, gzip;q=0.1", True),
        ("zstd, br", False),
        ("gzip;q=2", False),
        ("gzip;q=many", False),
        (",, gzip ,", True),
    ],
)
def test_weights_decide(header: str, taken: bool) -> None:
    assert accepts(header, "gzip") is taken


async def sent(client: httpx.AsyncClient, body: object, accepted: str) -> tuple[httpx.Response, bytes]:
    headers = {"accept-encoding": accepted}
    async with client.stream("POST", "/embed", json=body, headers=headers) as answer:
        return answer, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize("coding", DECOMPRESS)
async def test_a_large_answer_is_compressed(client_with: Clients, coding: Coding) -> None:
    body = {"inputs": MANY["input"]}
    async with client_with() as plain, client_with(compress=coding) as client:
        _, whole = await sent(plain, body, coding)
        answer, data = await sent(client, body, f"br, {coding}")
    assert answer.headers["content-encoding"] == coding
    assert answer.headers["content-length"] == str(len(data))
    assert answer.headers["vary"] == "Accept-Encoding"
    assert len(data) < len(whole)
    assert DECOMPRESS[coding](data) == whole
    assert len(json.loads(whole)) == 1000


@pytest.mark.parametrize("accepted", ["identity", "br", "gzip;q=0"])
async def test_who_does_not_accept_it_gets_it_plain_and_caches_are_told(
    client_with: Clients, accepted: str
) -> None:
    async with client_with(compress="gzip") as client:
        answer, data = await sent(client, {"inputs": MANY["input"]}, accepted)
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"
    assert len(json.loads(data)) == 1000


async def test_small_answers_and_errors_stay_plain(client_with: Clients) -> None:
    async with client_with(compress="gzip") as client:
        answers = [
            await client.post("/v1/embeddings", json={"input": text}, headers={"accept-encoding": "gzip"})
            for text in ("a", "")
        ]
    assert [one.status_code for one in answers] == [200, 400]
    assert not any("content-encoding" in one.headers or "vary" in one.headers for one in answers)


async def test_nothing_is_compressed_unless_asked_for(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/embeddings", json=MANY, headers={"accept-encoding": "gzip, zstd"})
    assert len(answer.content) > 64 * 1024
    assert "content-encoding" not in answer.headers
