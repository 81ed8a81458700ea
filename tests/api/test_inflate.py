import gzip
import json
import zlib
from collections.abc import Callable

import httpx
import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from vectord.api.inflate import CHUNK, CODINGS, MOST_MEMBERS, Broken, TooMuch, inflate

Clients = Callable[..., httpx.AsyncClient]

BODY = json.dumps({"input": "a body of some length " * 20}).encode()
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstd.compress,
}
REPEATING = [name for name, coding in CODINGS.items() if coding.repeats]
each_coding = pytest.mark.parametrize("name", CODINGS)


def inflated(name: str, data: bytes, limit: int = 1 << 20) -> bytes:
    return inflate(data, CODINGS[name], limit)


@each_coding
def test_what_was_compressed_comes_back(name: str) -> None:
    @given(st.binary(max_size=5000), st.integers(1, 5))
    @settings(max_examples=25, deadline=None)
    def check(data: bytes, times: int) -> None:
        whole = data * times
        assert inflated(name, COMPRESS[name](whole), len(whole)) == whole

    check()


@pytest.mark.parametrize("name", REPEATING)
def test_members_follow_one_another_wherever_they_end(name: str) -> None:
    parts = [bytes([number]) * size for number, size in enumerate((0, 1, CHUNK, 3 * CHUNK + 7))]
    data = b"".join(map(COMPRESS[name], parts))
    assert inflated(name, data) == b"".join(parts)


@each_coding
def test_the_limit_holds_to_the_byte(name: str) -> None:
    data = COMPRESS[name](b"x" * 1000)
    assert len(inflated(name, data, 1000)) == 1000
    with pytest.raises(TooMuch):
        inflated(name, data, 999)


@pytest.mark.parametrize("name", REPEATING)
def test_the_limit_counts_all_members(name: str) -> None:
    with pytest.raises(TooMuch):
        inflated(name, COMPRESS[name](b"x" * 400) * 3, 1000)


@each_coding
@pytest.mark.parametrize("cut", [1, 4, -1])
def test_half_a_stream_is_broken(name: str, cut: int) -> None:
    with pytest.raises(Broken):
        inflated(name, COMPRESS[name](BODY)[:cut])


@each_coding
def test_nothing_is_broken_too(name: str) -> None:
    with pytest.raises(Broken):
        inflated(name, b"")


@each_coding
@pytest.mark.parametrize("rest", [b"garbage, and more of it", b"\0" * 20])
def test_what_follows_the_end_is_broken(name: str, rest: bytes) -> None:
    with pytest.raises(Broken):
        inflated(name, COMPRESS[name](BODY) + rest)


def test_a_second_deflate_stream_is_broken() -> None:
    with pytest.raises(Broken):
        inflated("deflate", zlib.compress(BODY) * 2)


@pytest.mark.parametrize("name", REPEATING)
def test_members_without_end_are_broken(name: str) -> None:
    with pytest.raises(Broken):
        inflated(name, COMPRESS[name](b"") * (MOST_MEMBERS + 1))


def test_a_flipped_bit_is_broken() -> None:
    data = bytearray(gzip.compress(BODY))
    data[-5] ^= 1
    with pytest.raises(Broken):
        inflated("gzip", bytes(data))


def test_a_frame_that_wants_much_memory_is_broken() -> None:
    compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    long = compressor.compress(b"x" * 100) + compressor.flush()  # piece by piece: it cannot know the size
    with pytest.raises(Broken):
        inflated("zstd", long)


@each_coding
async def test_a_compressed_body_is_taken(client: httpx.AsyncClient, name: str) -> None:
    plain = await client.post("/v1/embeddings", content=BODY)
    answer = await client.post(
        "/v1/embeddings", content=COMPRESS[name](BODY), headers={"content-encoding": name.upper()}
    )
    assert (answer.status_code, answer.content) == (200, plain.content)


@each_coding
async def test_a_bomb_is_413(client_with: Clients, name: str) -> None:
    bomb = COMPRESS[name](b" " * 1_000_000)
    async with client_with(payload_limit=100_000) as client:
        assert len(bomb) < 2000
        answer = await client.post("/v1/embeddings", content=bomb, headers={"content-encoding": name})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")


@pytest.mark.parametrize("path", ["/v1/embeddings", "/embed"])
async def test_a_broken_stream_is_400(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, content=b"not gzip at all", headers={"content-encoding": "gzip"})
    assert answer.status_code == 400
    assert "Content-Encoding" in answer.text


@pytest.mark.parametrize("named", ["br", "gzip, gzip", "gzip, br", "zstd,gzip"])
async def test_other_codings_are_415_and_told_which_are_known(client: httpx.AsyncClient, named: str) -> None:
    answer = await client.post("/v1/embeddings", content=BODY, headers={"content-encoding": named})
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")
    assert answer.headers["accept-encoding"] == "gzip, x-gzip, deflate, zstd"


async def test_another_media_type_is_415_without_a_word_of_codings(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/embeddings", content=BODY, headers={"content-type": "text/plain"})
    assert answer.status_code == 415
    assert "accept-encoding" not in answer.headers


@pytest.mark.parametrize("named", ["identity", "", "identity, identity"])
async def test_identity_is_no_coding(client: httpx.AsyncClient, named: str) -> None:
    answer = await client.post("/v1/embeddings", content=BODY, headers={"content-encoding": named})
    assert answer.status_code == 200


async def test_identity_beside_a_coding_changes_nothing(client: httpx.AsyncClient) -> None:
    headers = {"content-encoding": "identity, gzip"}
    answer = await client.post("/v1/embeddings", content=gzip.compress(BODY), headers=headers)
    assert answer.status_code == 200
