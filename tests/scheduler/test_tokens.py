"""What only the tokenizer does, and how much of it one request may ask; texts beside token ids."""

import pytest

from vectord.errors import EmptyInput, InvalidRequest, UnknownModel
from vectord.scheduler import Prompt, measured, tokens

from .fakes import FakeSession, card, engine, serve

HOUR = [ord(letter) for letter in "hour"]


async def test_tokens_of_the_first_model_or_of_the_named_one() -> None:
    prompted = card("second", prompts={"query": "ask "})
    async with engine(serve(FakeSession()), serve(FakeSession(), prompted)) as door:
        [found] = await door.tokenize(["ab"])
        assert [(one.id, one.start, one.stop) for one in found] == [(97, 0, 1), (98, 1, 2)]
        [asked] = await door.tokenize(["ab"], model="second", prompt=Prompt(name="query"))
        assert "".join(one.text for one in asked) == "ask ab"
        assert await door.decode([HOUR, [97]], model="second") == ["hour", "a"]
        with pytest.raises(InvalidRequest, match="it has: query"):
            await door.tokenize(["ab"], model="second", prompt=Prompt(name="passage"))
        with pytest.raises(UnknownModel):
            await door.decode([HOUR], model="third")


async def test_long_texts_are_whole_and_in_order() -> None:
    texts = [letter * 40_000 for letter in "abc"]
    async with engine(serve(FakeSession())) as door:
        found = await door.tokenize(texts)
        assert ["".join(one.text for one in row) for row in found] == texts
        assert await door.decode([[ord(one) for one in text] for text in texts]) == texts


async def test_what_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 6)
    monkeypatch.setattr(tokens, "MOST_OF_ONE", 4)
    async with engine(serve(FakeSession())) as door:
        await door.tokenize(["éé", "ab"])
        await door.decode([HOUR, HOUR[:2]])
        with pytest.raises(InvalidRequest, match="all inputs may hold 6 bytes of text, not 7"):
            await door.tokenize(["éé", "abc"])
        with pytest.raises(InvalidRequest, match="one input may hold 4 bytes of text, not 5"):
            await door.tokenize(["a", "ééa"])
        with pytest.raises(InvalidRequest, match="6 token ids, not 7"):
            await door.decode([HOUR, HOUR[:3]])
        with pytest.raises(InvalidRequest, match="4 token ids, not 5"):
            await door.decode([[*HOUR, 97]])
        for nothing in ([], [""]):
            with pytest.raises(EmptyInput):
                await door.tokenize(nothing)
        for no_ids in (list[list[int]](), [HOUR, []]):
            with pytest.raises(EmptyInput):
                await door.decode(no_ids)


async def test_texts_beside_token_ids() -> None:
    async with engine(serve(FakeSession())) as door:
        mixed = await door.embed(["hour", HOUR, "a", [97]], normalize=False)
        texts = await door.embed(["hour", "hour", "a", "a"], normalize=False)
        with pytest.raises(EmptyInput, match="input 1 is an empty string"):
            await door.embed([HOUR, ""])
    assert mixed.vectors.tolist() == texts.vectors.tolist()
    assert mixed.tokens == texts.tokens


async def test_characters_are_those_that_the_client_sent() -> None:
    async with engine(serve(FakeSession()), serve(FakeSession(), card("cross", ("rerank",)))) as door:
        with measured() as embedding:
            await door.embed(["ab", [1, 2, 3]], prompt=Prompt(name="query"))
        with measured() as comparing:
            await door.rerank("who", ["ab", "c"], model="fake")
        with measured() as ranking:
            await door.rerank("who", ["ab", "c"], model="cross")
    # a cross-encoder reads the query with each document
    assert (embedding.characters, comparing.characters, ranking.characters) == (5, 6, 9)
