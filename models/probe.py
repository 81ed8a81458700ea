"""Texts to compare a model with itself in another precision: ten languages, many scripts, every length."""

from functools import cache
from importlib.resources import files

COUNT = 256
OF_EACH = 10  # sentences of a language that set the scale of vectors in 8 bits
SHORTEST, LONGEST = 4, 400  # tokens
CHARACTERS = 8  # no tokenizer makes longer tokens of prose, on average


@cache
def languages() -> list[list[str]]:
    """Return the sentences of each language."""
    text = (files(__package__) / "sentences.txt").read_text(encoding="utf-8")
    return [block.splitlines() for block in text.strip().split("\n\n")]


def sentences() -> list[str]:
    """Return a few sentences of each language."""
    return [sentence for language in languages() for sentence in language[:OF_EACH]]


def lengths() -> list[int]:
    """Return the length of each text in tokens, in equal ratios from the shortest to the longest."""
    step = (LONGEST / SHORTEST) ** (1 / (COUNT - 1))
    return [round(SHORTEST * step**index) for index in range(COUNT)]


def texts() -> list[str]:
    """Return the texts, each long enough to be cut at its length; neighbours differ in language."""
    return [text(index, length) for index, length in enumerate(lengths())]


def text(index: int, length: int) -> str:
    """Return one text: sentences of a language in their order, from one that no other text begins with."""
    language = languages()[index % len(languages())]
    place, sentences = index // len(languages()), list[str]()
    while sum(map(len, sentences)) < CHARACTERS * length:
        sentences.append(language[place % len(language)])
        place += 1
    return " ".join(sentences)


def pairs() -> list[tuple[str, str]]:
    """Return a query for each text: a sentence of it, one of its language, or one of another in turn."""
    return [(query(index), one) for index, one in enumerate(texts())]


def query(index: int) -> str:
    """Return the query that goes with a text."""
    count = len(languages())
    language = languages()[(index + (index % 3 == 2)) % count]
    return language[(index // count + (0, 13, 0)[index % 3]) % len(language)]
