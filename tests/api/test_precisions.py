"""Vectors in every precision, as numbers and in base64, under every dialect's word for it."""

import base64
from typing import Any

import httpx
import ml_dtypes
import numpy as np
import pytest
from numpy.typing import NDArray

from .fake import SCALE, FakeEngine, vector_of

FLOATS = vector_of("one")
LEVELS = np.clip(np.rint(FLOATS / np.float32(SCALE)), -127, 127)
BITS = np.packbits(FLOATS >= 0)
WANTED: dict[str, NDArray[Any]] = {
    "float": FLOATS,
    "float32": FLOATS,
    "float16": FLOATS.astype("<f2"),
    "bfloat16": FLOATS.astype(ml_dtypes.bfloat16),
    "int8": LEVELS.astype(np.int8),
    "uint8": (LEVELS + 128).astype(np.uint8),
    "binary": (BITS.astype(int) - 128).astype(np.int8),
    "ubinary": BITS,
}
WORDS = ("embedding_type", "encoding_type", "embed_dtype", "output_dtype")


async def asked(client: httpx.AsyncClient, **options: Any) -> Any:
    answer = await client.post("/v1/embeddings", json={"input": ["other", "one"], **options})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"][1]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("precision", WANTED)
async def test_numbers_and_base64_are_the_same(client: httpx.AsyncClient, precision: str, word: str) -> None:
    wanted = WANTED[precision]
    numbers = (await asked(client, **{word: precision}))["embedding"]
    np.testing.assert_array_equal(np.array(numbers, np.float32), wanted.astype(np.float32))
    coded = (await asked(client, **{word: precision, "encoding_format": "base64"}))["embedding"]
    assert base64.b64decode(coded, validate=True) == wanted.tobytes()


async def test_whole_numbers_are_written_as_such(client: httpx.AsyncClient) -> None:
    for precision in ("int8", "uint8", "binary", "ubinary"):
        numbers = (await asked(client, embedding_type=precision))["embedding"]
        assert {type(one) for one in numbers} == {int}


@pytest.mark.parametrize("precision", ["float32", "float16", "bfloat16", "int8", "ubinary"])
async def test_bytes_in_the_other_order(client: httpx.AsyncClient, precision: str) -> None:
    wanted = WANTED[precision]
    swapped = np.frombuffer(wanted.tobytes(), np.uint8).reshape(-1, wanted.itemsize)[:, ::-1].tobytes()
    options = {"embed_dtype": precision, "encoding_format": "base64"}
    assert base64.b64decode((await asked(client, **options, endianness="big"))["embedding"]) == swapped
    for plain in ("little", "native", None):
        coded = (await asked(client, **options, endianness=plain))["embedding"]
        assert base64.b64decode(coded) == wanted.tobytes()


async def test_jinas_word_base64_is_for_floats(client: httpx.AsyncClient) -> None:
    for given in ("base64", ["base64"]):
        coded = (await asked(client, embedding_type=given, encoding_format="float"))["embedding"]
        assert base64.b64decode(coded) == FLOATS.tobytes()


async def test_several_at_once_are_from_one_pass(client: httpx.AsyncClient, engine: FakeEngine) -> None:
    item = await asked(client, embedding_type=["ubinary", "float", "base64", "float"])
    assert len(engine.calls) == 1
    assert engine.calls[0]["precisions"] == {"ubinary", "float32"}
    assert item.keys() == {"object", "index", "embedding", "embeddings"}
    assert item["embedding"] == item["embeddings"]["ubinary"] == BITS.tolist()
    assert item["embeddings"].keys() == {"ubinary", "float", "base64"}
    assert base64.b64decode(item["embeddings"]["base64"]) == FLOATS.tobytes()


async def test_one_in_a_list_is_one(client: httpx.AsyncClient) -> None:
    assert (await asked(client, embedding_type=["int8"])).keys() == {"object", "index", "embedding"}


async def test_dimensions_come_before_the_bits(client: httpx.AsyncClient) -> None:
    cut = (await asked(client, embedding_type="int8", dimensions=3))["embedding"]
    assert cut == LEVELS[:3].tolist()
    body = {"input": "one", "embedding_type": "binary", "dimensions": 3}
    error = (await client.post("/v1/embeddings", json=body)).json()["error"]
    assert error["param"] == "dimensions"
    assert "multiple of 8, not 3" in error["message"]


async def test_a_header_says_what_a_step_is_worth(client: httpx.AsyncClient) -> None:
    for precision, told in (("int8", True), ("uint8", True), ("float", False), ("binary", False)):
        body = {"input": "one", "embedding_type": precision}
        headers = (await client.post("/v1/embeddings", json=body)).headers
        assert ("x-vectord-int8-scale" in headers) == told
        assert float(headers.get("x-vectord-int8-scale", SCALE)) == SCALE


WRONG: tuple[Any, ...] = (
    "",
    "int4",
    "FLOAT",
    8,
    True,
    [],
    ["float", "int4"],
    ["float", 8],
    ["float", ["int8"]],
    {"type": "float"},
)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("wrong", WRONG, ids=str)
async def test_an_unknown_precision_is_400_and_lists_the_known(
    client: httpx.AsyncClient, word: str, wrong: Any
) -> None:
    answer = await client.post("/v1/embeddings", json={"input": "one", word: wrong})
    error = answer.json()["error"]
    assert (answer.status_code, error["param"]) == (400, word)
    assert error["message"].startswith(
        f"`{word}` must be one of float, float32, float16, bfloat16, int8, uint8"
    )


async def test_null_is_absent(client: httpx.AsyncClient) -> None:
    item = await asked(client, **dict.fromkeys((*WORDS, "endianness")), output_dimension=None)
    assert len(item["embedding"]) == len(FLOATS)
    assert (await asked(client, embedding_type=None, output_dtype="ubinary"))["embedding"] == BITS.tolist()
