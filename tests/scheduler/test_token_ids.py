"""Ids of a client's own vocabulary, of the model's, and none at all."""

from collections.abc import Sequence

import numpy as np
import pytest

from vectord.core import Vocabulary
from vectord.errors import EmptyInput, InvalidRequest
from vectord.scheduler import Engine, Prompt

from .fakes import FakeSession, card, engine, serve


class Letters:
    """0 is a, 1 is b, and so on."""

    def text(self, ids: Sequence[int]) -> str:
        if max(ids, default=0) > 25:
            raise InvalidRequest("a token id is not a letter", param="input")
        return "".join(chr(ord("a") + one) for one in ids)


def opened(token_ids: Vocabulary | str) -> Engine:
    served = serve(FakeSession(), card(tasks=("embed", "embed_all", "sparse")))
    served.token_ids = token_ids  # type: ignore[assignment]
    return engine(served)


async def test_ids_of_a_clients_vocabulary_become_text_with_its_prompt() -> None:
    async with opened(Letters()) as door:
        for prompt in (Prompt(), Prompt(name="query")):
            texts = await door.embed(["cab", "d"], prompt=prompt, normalize=False)
            ids = await door.embed([[2, 0, 1], [3]], prompt=prompt, normalize=False)
            np.testing.assert_array_equal(texts.vectors, ids.vectors)
            assert texts.tokens == ids.tokens


async def test_an_id_that_the_vocabulary_lacks_is_refused() -> None:
    async with opened(Letters()) as door:
        with pytest.raises(InvalidRequest, match="not a letter") as raised:
            await door.embed([[1], [26]])
        assert raised.value.param == "input"


async def test_texts_may_stand_beside_ids() -> None:
    async with opened(Letters()) as door:
        mixed = await door.embed(["d", [2, 0, 1], "e"], normalize=False)
        texts = await door.embed(["d", "cab", "e"], normalize=False)
        np.testing.assert_array_equal(mixed.vectors, texts.vectors)
        with pytest.raises(EmptyInput):
            await door.embed([[1], []])
    async with opened("reject") as door:
        with pytest.raises(InvalidRequest, match="send text"):
            await door.embed(["d", [2]])


async def test_ids_are_refused_where_the_server_takes_none() -> None:
    async with opened("reject") as door:
        assert (await door.embed(["text"])).tokens == 4
        for work in (door.embed, door.embed_all, door.sparse):
            with pytest.raises(InvalidRequest, match="send text") as raised:
                await work([[1, 2]])
            assert raised.value.param == "input"


async def test_ids_of_the_model_are_the_default_and_need_one_each() -> None:
    async with engine(serve(FakeSession())) as door:
        raw = (await door.embed([[5, 6]], normalize=False)).vectors
        assert raw[0].tolist() == [11, 2, 5, 1]
        with pytest.raises(EmptyInput):
            await door.embed([[5], []])
