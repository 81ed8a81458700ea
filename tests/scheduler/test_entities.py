"""Tokens under labels, put together."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from vectord.core import Token
from vectord.scheduler import Aggregation, Entity
from vectord.scheduler.entities import entities

LABELS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
# micro|soft| in |new| york: two words of two tokens around one
TOKENS = (
    Token(1, "micro", 0, 5, continues=False),
    Token(2, "##soft", 5, 9, continues=True),
    Token(3, "in", 10, 12, continues=False),
    Token(4, "new", 13, 16, continues=False),
    Token(5, "york", 17, 21, continues=False),
)
ALL: tuple[Aggregation, ...] = ("none", "simple", "first", "average", "max")


def scores(*best: tuple[str, float]) -> NDArray[np.float32]:
    """Return rows in which one label has a score and the others share the rest."""
    others = len(LABELS) - 1
    rows = [[score if label == one else (1 - score) / others for one in LABELS] for label, score in best]
    return np.array(rows, np.float32)


def join(words: list[str]) -> str:
    return " ".join(words).replace(" ##", "")


def found(
    rows: NDArray[np.float32], aggregation: Aggregation, tokens: Sequence[Token] = TOKENS
) -> list[Entity]:
    return entities(tokens, rows, LABELS, aggregation, join)


def short(rows: NDArray[np.float32], aggregation: Aggregation) -> list[tuple[str, str, int, int, float]]:
    """Return label, word, start, end and score of each entity."""
    return [
        (one.label, one.word, one.start, one.end, round(one.score, 4)) for one in found(rows, aggregation)
    ]


# the halves of the first word disagree, and the second half is surer
ROWS = scores(("B-PER", 0.6), ("I-LOC", 0.9), ("O", 0.8), ("B-LOC", 0.7), ("I-LOC", 0.5))


def test_none_leaves_every_token_alone_and_says_its_row() -> None:
    assert short(ROWS, "none") == [
        ("B-PER", "micro", 0, 5, 0.6),
        ("I-LOC", "##soft", 5, 9, 0.9),
        ("B-LOC", "new", 13, 16, 0.7),
        ("I-LOC", "york", 17, 21, 0.5),
    ]
    assert [one.row for one in found(ROWS, "none")] == [1, 2, 4, 5]


def test_simple_puts_neighbours_of_one_kind_together() -> None:
    assert short(ROWS, "simple") == [
        ("PER", "micro", 0, 5, 0.6),
        ("LOC", "##soft", 5, 9, 0.9),
        ("LOC", "new york", 13, 21, 0.6),
    ]
    assert {one.row for one in found(ROWS, "simple")} == {None}


def test_first_takes_a_words_first_token() -> None:
    assert short(ROWS, "first") == [("PER", "microsoft", 0, 9, 0.6), ("LOC", "new york", 13, 21, 0.6)]


def test_max_takes_a_words_surest_token() -> None:
    assert short(ROWS, "max") == [("LOC", "microsoft", 0, 9, 0.9), ("LOC", "new york", 13, 21, 0.6)]


def test_average_takes_the_mean_of_a_words_tokens() -> None:
    mean = (0.9 + 0.1) / 2
    assert short(ROWS, "average") == [
        ("LOC", "microsoft", 0, 9, round(mean, 4)),
        ("LOC", "new york", 13, 21, 0.6),
    ]


@pytest.mark.parametrize("aggregation", ["simple", "first", "average", "max"])
def test_a_label_that_begins_ends_the_one_before(aggregation: Aggregation) -> None:
    rows = scores(("B-PER", 0.9), ("I-PER", 0.9), ("B-PER", 0.9), ("I-PER", 0.9), ("B-PER", 0.9))
    assert [(one.start, one.end) for one in found(rows, aggregation)] == [(0, 9), (10, 16), (17, 21)]


def test_a_label_may_begin_with_what_goes_on() -> None:
    rows = scores(("I-PER", 0.9), ("I-PER", 0.7), ("I-LOC", 0.9), ("O", 0.9), ("I-LOC", 0.9))
    assert [(one.label, one.start, one.end) for one in found(rows, "simple")] == [
        ("PER", 0, 9),
        ("LOC", 10, 12),
        ("LOC", 17, 21),
    ]


def test_labels_without_prefixes_and_with_dashes() -> None:
    labels = ("O", "B-work-of-art", "I-work-of-art", "NOUN", "VERB")
    rows = scores(("B-PER", 0.9), ("I-PER", 0.9), ("B-LOC", 0.9), ("B-LOC", 0.9), ("I-LOC", 0.9))
    one, two, three = entities(TOKENS, rows, labels, "simple", join)
    assert (one.label, one.word) == ("work-of-art", "microsoft")
    assert (two.label, two.word) == ("NOUN", "in new")
    assert (three.label, three.word) == ("VERB", "york")


@pytest.mark.parametrize("aggregation", ALL)
def test_nothing_is_found_outside_or_in_nothing(aggregation: Aggregation) -> None:
    assert found(scores(*[("O", 0.9)] * 5), aggregation) == []
    assert found(np.zeros((0, len(LABELS)), np.float32), aggregation, ()) == []


def test_a_text_may_begin_in_the_middle_of_a_word() -> None:
    tokens = (Token(1, "##soft", 0, 4, continues=True), TOKENS[2])
    [one] = found(scores(("I-LOC", 0.9), ("O", 0.9)), "first", tokens)
    assert (one.label, one.start, one.end) == ("LOC", 0, 4)
