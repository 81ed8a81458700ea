"""Late interaction: what is marked, filled, kept and summed."""

from dataclasses import replace

import numpy as np
import pytest

from vectord.core import LateInteraction
from vectord.scheduler.late import encode_role, filled, kept, marked, maxsim
from vectord.scheduler.lexical import lexical
from vectord.scheduler.prompt import Role

from .fakes import FakeTokenizer, encoding

LATE = LateInteraction(
    query_marker=7, document_marker=8, query_length=10, document_length=6, fill_length=10, fill_id=9
)
ROLES: tuple[Role, ...] = ("query", "document")


def ids(text: str, role: Role, late: LateInteraction = LATE, limit: int = 20) -> tuple[list[int], int, int]:
    """Return token ids, how many nobody sees, and how many were cut."""
    [one] = encode_role(FakeTokenizer(), [text], late, role, limit)
    assert len(one.token_ids) == len(one.type_ids)
    return one.token_ids.tolist(), one.unseen, one.cut


def test_a_query_is_marked_and_filled() -> None:
    assert ids("abc", "query") == ([97, 7, 98, 99, *[9] * 6], 6, 0)


def test_a_document_is_marked_and_not_filled() -> None:
    assert ids("abc", "document") == ([97, 8, 98, 99], 0, 0)


def test_each_has_its_own_limit_in_which_the_marker_counts() -> None:
    assert ids("a" * 12, "query") == ([97, 7, *[97] * 8], 0, 3)
    assert ids("a" * 12, "document") == ([97, 8, *[97] * 4], 0, 7)
    assert ids("a" * 12, "document", limit=4) == ([97, 8, 97, 97], 0, 9)


def test_tokens_may_see_the_fill() -> None:
    assert ids("abc", "query", replace(LATE, fill_seen=True)) == ([97, 7, 98, 99, *[9] * 6], 0, 0)


def test_a_query_may_be_longer_than_its_fill() -> None:
    late = replace(LATE, fill_length=4)
    assert ids("ab", "query", late) == ([97, 7, 98, 9], 1, 0)
    assert ids("a" * 12, "query", late) == ([97, 7, *[97] * 8], 0, 3)


def test_no_marker_no_fill_no_limit() -> None:
    late = LateInteraction()
    for role in ROLES:
        assert ids("a" * 12, role, late) == ([97] * 12, 0, 0)


def test_marks_and_fills_keep_the_types() -> None:
    one = replace(encoding(3), type_ids=np.array([1, 0, 0], np.int32))
    assert marked(one, 5).type_ids.tolist() == [1, 1, 0, 0]
    assert filled(one, LATE, 5).type_ids.tolist() == [1, 0, 0, 0, 0]


def test_what_is_kept_are_unit_vectors() -> None:
    vectors = np.array([[3, 4], [0, 2], [5, 0]], np.float32)
    late = replace(LATE, skipped=frozenset({2, 6}))
    token_ids = np.array([1, 2, 3], np.int32)
    unit_vectors = np.array([[0.6, 0.8], [1, 0]], np.float32)
    np.testing.assert_allclose(kept(vectors, token_ids, late, "document"), unit_vectors, rtol=1e-6)
    assert len(kept(vectors, token_ids, late, "query")) == 3
    without = replace(late, first_token=False)
    np.testing.assert_allclose(kept(vectors, token_ids, without, "document"), [[1, 0]], rtol=1e-6)
    assert len(kept(vectors, token_ids, without, "query")) == 2


def test_a_sum_of_the_best_similarities() -> None:
    query = np.array([[1, 0], [0, 1]], np.float32)
    documents = [np.array([[1, 0], [0.6, 0.8]], np.float32), np.array([[-1, 0]], np.float32)]
    np.testing.assert_allclose(maxsim(query, documents), [1.8, -1.0], rtol=1e-6)


def test_a_document_of_which_nothing_counts_scores_zero() -> None:
    assert maxsim(np.ones((2, 3), np.float32), [np.zeros((0, 3), np.float32)]).tolist() == [0.0]


@pytest.mark.parametrize("special", [frozenset[int](), frozenset({2})])
def test_the_greatest_weight_of_each_id(special: frozenset[int]) -> None:
    weights = np.array([[0.5], [0.25], [0.75], [0], [-1]], np.float32)
    found = lexical(weights, np.array([5, 2, 5, 3, 4], np.int32), special)
    wanted = {2: 0.25, 5: 0.75} if not special else {5: 0.75}
    assert dict(zip(found.indices.tolist(), found.values.tolist(), strict=True)) == wanted
