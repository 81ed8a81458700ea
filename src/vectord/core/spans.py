"""Where the tokens of an input stand in its text, and what is left of a text that may have only so many."""

from dataclasses import dataclass

from .batch import Encoding


@dataclass(frozen=True, slots=True)
class Token:
    """A token that is text: its row in the encoding, its own writing, and its characters in the text.

    `continues` is whether it goes on with the word of the token before.
    """

    row: int
    text: str
    start: int
    end: int
    continues: bool


@dataclass(frozen=True, slots=True)
class Spanned:
    """An encoding with its tokens, special ones left out."""

    encoding: Encoding
    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Shortened:
    """What is left of a text, and how many tokens it lost."""

    text: str
    cut: int = 0

    def __len__(self) -> int:
        return len(self.text)


@dataclass(frozen=True, slots=True)
class SimpleToken:
    """A token of a text that was only tokenised: `text` is what stands from byte `start` to `stop`.

    Bytes are those of the text in UTF-8. A special token that was added has its own writing, and no place.
    """

    id: int
    text: str
    special: bool
    start: int | None
    stop: int | None
