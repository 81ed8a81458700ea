"""Which inputs are read together, and what becomes of their tokens, over fakes."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vectord.core import Encoding, Head, Ids, ModelCard, Pooling
from vectord.errors import InvalidRequest, TooLong
from vectord.scheduler import Engine, Prompt, Truncation
from vectord.scheduler.late_chunking import Window, grouped

from .fakes import WIDTH, FakeTokenizer, TokenSession, card, engine, serve

LENGTHS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), min_size=1, max_size=30)


@given(LENGTHS, st.integers(1, 20))
def test_groups_keep_the_order_fit_and_are_as_few_as_it_allows(
    lengths: list[tuple[int, int]], room: int
) -> None:
    others = [length for length, _ in lengths]
    firsts = [length + prompt for length, prompt in lengths]
    groups = grouped(firsts, others, room)
    assert [index for group in groups for index in group] == list(range(len(lengths)))
    for group in groups:
        used = firsts[group[0]] + sum(others[index] for index in group[1:])
        assert len(group) == 1 or used <= room
        assert len(group) == 1 or all(others[index] for index in group)
    for group, following in pairwise(groups):
        used = firsts[group[0]] + sum(others[index] for index in group[1:])
        more = others[following[0]]
        assert not more or not others[group[0]] or used + more > room


def test_a_window_gives_the_first_input_what_stands_before_it() -> None:
    states = np.arange(12, dtype=np.float32).reshape(6, 2)
    window = Window((0, 1), Encoding(np.zeros(6, np.int32), np.zeros(6, np.int32)), (0, 4))
    np.testing.assert_array_equal(window.means(states), [[3, 4], [9, 10]])


class Framed(FakeTokenizer):
    """Puts 1 before and 2 behind."""

    def wrap(self, token_ids: Ids, max_length: int, side: object = None) -> Encoding:
        room = max_length - 2
        kept = token_ids[:room] if side != "left" else token_ids[-room:]
        encoding, _ = self.enclose(kept)
        return Encoding(encoding.token_ids, encoding.type_ids, len(token_ids) - len(kept))

    def encode_prompted(self, before: str, texts: list[str], after: str, max_length: int) -> list[Encoding]:
        rows = [np.array([ord(c) for c in before + text + after], np.int32) for text in texts]
        return [Encoding(row[:max_length], np.zeros_like(row[:max_length])) for row in rows]

    def enclose(self, token_ids: Ids) -> tuple[Encoding, int]:
        ids = np.concatenate([[1], token_ids, [2]]).astype(np.int32)
        return Encoding(ids, np.zeros_like(ids)), 1


HEADS = (Head("embedding", "mean"), Head("tokens", None))


def opened(**changes: object) -> tuple[Engine, TokenSession]:
    session = TokenSession()
    values: dict[str, object] = {"heads": HEADS, "tasks": ("embed",), "max_length": 12, **changes}
    model: ModelCard = card(**values)  # type: ignore[arg-type]
    return engine(serve(session, model, tokenizer=Framed())), session


def mean(*ids: int) -> list[float]:
    """The fake's state of a token is its id, then ones."""
    return [float(np.mean(ids, dtype=np.float32))] + [1.0] * (WIDTH - 1)


async def test_texts_are_read_in_one_pass_with_one_pair_of_special_tokens() -> None:
    door, session = opened()
    async with door:
        found = await door.embed(["ab", "c", "de"], late_chunking=True, normalize=False)
        [batch] = session.batches
        assert batch.token_ids.tolist() == [1, *b"abcde", 2]
        assert found.vectors.tolist() == [mean(1, *b"ab"), mean(*b"c"), mean(*b"de", 2)]
        assert (found.tokens, found.usage.cut) == (7, (0, 0, 0))


async def test_the_prompt_stands_once_before_the_first() -> None:
    door, session = opened()
    async with door:
        await door.embed(["ab", "c"], late_chunking=True, prompt=Prompt(name="query"))
        assert session.batches[0].token_ids.tolist() == [1, *b"q: abc", 2]


async def test_more_than_the_limit_is_read_in_several_passes_that_lose_nothing() -> None:
    door, _ = opened()
    async with door:
        texts = ["abcd", "efgh", "ij", "klmnopqrst", "uv"]
        whole = Truncation(allowed=False)
        found = await door.embed(texts, late_chunking=True, truncation=whole, normalize=False)
        assert found.vectors[1].tolist() == mean(*b"efgh")
        assert found.vectors[3].tolist() == mean(1, *b"klmnopqrst", 2)
        assert found.tokens == 12 + 12 + 4


async def test_only_a_text_over_the_limit_by_itself_is_cut_and_told() -> None:
    door, _ = opened()
    async with door:
        texts = ["ab", "abcdefghijklm", "c"]
        found = await door.embed(texts, late_chunking=True, normalize=False)
        assert found.usage.cut == (0, 3, 0)
        assert found.vectors[1].tolist() == mean(1, *b"abcdefghij", 2)
        left = await door.embed(
            texts, late_chunking=True, normalize=False, truncation=Truncation(side="left")
        )
        assert left.vectors[1].tolist() == mean(1, *b"defghijklm", 2)
        with pytest.raises(TooLong, match="input 1 has 15 tokens"):
            await door.embed(texts, late_chunking=True, truncation=Truncation(allowed=False))


@pytest.mark.parametrize("pooling", ["cls", "last-token", "max", "weighted-mean", "mean-sqrt"])
async def test_other_poolings_cannot(pooling: Pooling) -> None:
    door, _ = opened(heads=(Head("embedding", pooling), HEADS[1]))
    async with door:
        with pytest.raises(InvalidRequest, match="cannot do late chunking") as raised:
            await door.embed(["a", "b"], late_chunking=True)
        assert raised.value.param == "late_chunking"


async def test_ids_of_the_model_are_refused() -> None:
    door, _ = opened()
    async with door:
        with pytest.raises(InvalidRequest, match="takes texts"):
            await door.embed([[1, 2]], late_chunking=True)
