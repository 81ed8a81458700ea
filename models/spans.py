"""Where tokens stand in their text, and which of them go on with a word.

The rules are those of transformers' token classification pipeline, so that entities come out alike.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import tokenizers
from numpy.typing import NDArray

from vectord.core import SimpleToken, Token


@dataclass(frozen=True, slots=True)
class Marks:
    """How a tokenizer shows that a token continues a word: by a prefix, or not at all."""

    has_prefix: bool
    unknown_id: int | None

    @classmethod
    def of(cls, tokenizer: tokenizers.Tokenizer, unknown: str | None) -> Self:
        """Read them off the tokenizer's model; `unknown` is the unknown token, as the checkpoint names it."""
        text = unknown or getattr(tokenizer.model, "unk_token", None)
        unknown_id = tokenizer.token_to_id(text) if text is not None else None
        return cls(bool(getattr(tokenizer.model, "continuing_subword_prefix", None)), unknown_id)

    def continues(self, text: str, token: str, start: int, end: int) -> bool:
        """Whether a token continues a word: longer than its characters, or without a space before."""
        if self.has_prefix:
            return len(token) != end - start
        return start > 0 and " " not in text[start - 1 : start + 1]


def spans(text: str, encoded: tokenizers.Encoding, first: int, count: int, marks: Marks) -> tuple[Token, ...]:
    """Return the first `count` tokens of a text encoded without special tokens; the first is row `first`.

    An unknown token is written as the text has it, and begins a word.
    """
    found = []
    for row, (token, index, (start, end)) in enumerate(
        zip(encoded.tokens[:count], encoded.ids, encoded.offsets, strict=False), first
    ):
        if index == marks.unknown_id:
            found.append(Token(row, text[start:end], start, end, continues=False))
        else:
            found.append(Token(row, token, start, end, marks.continues(text, token, start, end)))
    return tuple(found)


def simple_tokens(text: str, encoded: tokenizers.Encoding) -> list[SimpleToken]:
    """Return the tokens of an encoded text; only those that the tokenizer added count as special."""
    places = byte_places(text).tolist()
    rows = zip(encoded.ids, encoded.tokens, encoded.offsets, encoded.special_tokens_mask, strict=True)
    return [
        SimpleToken(index, token, True, None, None)
        if special
        else SimpleToken(index, text[start:end], False, places[start], places[end])
        for index, token, (start, end), special in rows
    ]


def byte_places(text: str) -> NDArray[np.int64]:
    """Return where each character begins in the text's UTF-8, and where the last one ends."""
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    sizes = 1 + (codes >= 0x80) + (codes >= 0x800) + (codes >= 0x10000).astype(np.int64)
    return np.concatenate(([0], np.cumsum(sizes)))
