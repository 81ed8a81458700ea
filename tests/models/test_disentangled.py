"""Which row a distance reads, against the code that such networks were trained with."""

import numpy as np
import pytest
import torch
from transformers.models.deberta_v2.modeling_deberta_v2 import build_relative_position

from vectord.core import Disentangled
from vectord.models.disentangled import rows

LENGTH = 1500


def position(span: int, buckets: int, most: int) -> Disentangled:
    return Disentangled(span, buckets, most, True, True, True, None)


@pytest.mark.parametrize(
    ("buckets", "most"), [(256, 512), (16, 512), (32, 64), (64, 1024), (0, 512), (0, 40)]
)
def test_rows(buckets: int, most: int) -> None:
    row = torch.zeros(1, LENGTH, 1)
    relative = build_relative_position(row, row, buckets or -1, most)[0].numpy()
    span = buckets or most
    places = np.arange(LENGTH)
    found = rows(position(span, buckets, most), places[:, None] - places)
    np.testing.assert_array_equal(found, np.clip(relative + span, 0, 2 * span - 1))


@pytest.mark.parametrize(("buckets", "most"), [(256, 512), (8, 40), (0, 40)])
def test_far_distances_read_the_outermost_rows(buckets: int, most: int) -> None:
    span = buckets or most
    found = rows(position(span, buckets, most), np.array([-(10**6), -most, most, 10**6]))
    assert found.tolist() == [0, 0, 2 * span - 1, 2 * span - 1]
