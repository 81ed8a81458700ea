"""Texts to tokens and back as `tokenizers` itself does it, for tokenizers of every kind."""

import pytest
from tokenizers import Tokenizer

from vectord.core import SimpleToken
from vectord.errors import InvalidRequest
from vectord.models.spans import byte_places
from vectord.models.tokenizer import FastTokenizer

from .encodings import ids
from .test_spans import INPUTS, KINDS


def both(kind: str) -> tuple[Tokenizer, FastTokenizer]:
    made, unknown = KINDS[kind]
    tokenizer = made()
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer, FastTokenizer(tokenizer, 10_000, unknown=unknown)


@pytest.mark.parametrize("special_tokens", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_tokens_and_the_bytes_that_they_stand_for(kind: str, special_tokens: bool) -> None:
    theirs, ours = both(kind)
    for text, found in zip(INPUTS, ours.tokenize(list(INPUTS), special_tokens), strict=True):
        right = theirs.encode(text, add_special_tokens=special_tokens)
        assert [one.id for one in found] == right.ids
        assert [one.special for one in found] == [mask == 1 for mask in right.special_tokens_mask]
        assert any(one.special for one in found) == special_tokens
        for one, token, (start, end) in zip(found, right.tokens, right.offsets, strict=True):
            if one.special:
                assert one == SimpleToken(one.id, token, True, None, None)
            else:
                assert one.text == text[start:end] == text.encode()[one.start : one.stop].decode()
                assert (one.start, one.stop) == (len(text[:start].encode()), len(text[:end].encode()))


@pytest.mark.parametrize("text", ["", "abc", "é", "€uro", "🙂🙂", "a\u0000é机🙂z"])
def test_places_of_characters_in_utf_8(text: str) -> None:
    sizes = [len(text[:index].encode()) for index in range(len(text) + 1)]
    assert byte_places(text).tolist() == sizes


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_ids_to_texts(kind: str, skip: bool) -> None:
    theirs, ours = both(kind)
    rows = [one.ids for one in theirs.encode_batch(list(INPUTS))]
    assert ours.decode([ids(*row) for row in rows], skip) == theirs.decode_batch(rows, skip)


def test_what_a_byte_level_tokenizer_is_given_comes_back() -> None:
    theirs, ours = both("byte-level BPE")
    texts = [text for text in INPUTS if text.isascii()]
    rows = [ids(*theirs.encode(text).ids) for text in texts]
    assert ours.decode(rows, True) == texts


def test_an_id_outside_the_vocabulary_is_refused() -> None:
    _, ours = both("WordPiece")
    for wrong in (-1, 10_000):
        with pytest.raises(InvalidRequest, match=r"0\.\.9999"):
            ours.decode([ids(1, 2), ids(wrong)], True)
