"""What tests of tokenizers share."""

from collections.abc import Sequence

import numpy as np

from vectord.core import Encoding, Ids

PLENTY = 100_000


def ids(*values: int) -> Ids:
    return np.array(values, np.int32)


def same(one: Sequence[Encoding], other: Sequence[Encoding]) -> None:
    for left, right in zip(one, other, strict=True):
        np.testing.assert_array_equal(left.token_ids, right.token_ids)
        np.testing.assert_array_equal(left.type_ids, right.type_ids)
        assert left.cut == right.cut
