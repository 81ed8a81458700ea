"""Biases by distance, and angles by length, against what the published code computes of them."""

import numpy as np
import pytest
import torch
from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

from vectord.core import Buckets, Linear, Ntk, OwnLength, Rotary
from vectord.models.relative import alibi, bucket_rows, slopes
from vectord.models.rotary import own_angles, rates


@pytest.mark.parametrize("positions", [1, 2, 514, 8192])
def test_buckets(positions: int) -> None:
    distances = torch.arange(1 - positions, positions)
    wanted = MPNetEncoder.relative_position_bucket(distances, 32, 128).numpy()
    np.testing.assert_array_equal(bucket_rows(Buckets(32, 128), positions), wanted)


def test_other_buckets() -> None:
    distances = torch.arange(-999, 1000)
    wanted = MPNetEncoder.relative_position_bucket(distances, 20, 300).numpy()
    np.testing.assert_array_equal(bucket_rows(Buckets(20, 300), 1000), wanted)


def test_slopes_of_the_paper() -> None:
    np.testing.assert_allclose(slopes(8), [2.0**-i for i in range(1, 9)], rtol=1e-15)
    np.testing.assert_allclose(slopes(2), [2.0**-4, 2.0**-8], rtol=1e-15)
    assert slopes(1) == [2.0**-8]


@pytest.mark.parametrize("heads", [3, 6, 12, 20])
def test_slopes_between_powers_of_two(heads: int) -> None:
    below = 2 ** (heads.bit_length() - 1)
    np.testing.assert_array_equal(slopes(heads)[:below], slopes(below))
    np.testing.assert_array_equal(slopes(heads)[below:], slopes(2 * below)[::2][: heads - below])


def test_alibi_falls_on_both_sides() -> None:
    np.testing.assert_array_equal(alibi(2, 3), -np.outer([2.0**-4, 2.0**-8], [2, 1, 0, 1, 2]))


def test_own_length_turns_slower_only_in_longer_texts() -> None:
    kind = (Rotary(1000.0, OwnLength(2.0, 64)), 8)
    plain = rates(Rotary(1000.0), 8)
    for length in (1, 63, 64):
        np.testing.assert_array_equal(rates(*kind, length), plain)
    # twice the length: (2 * 2 - 1) ** (8 / 6) times the base
    np.testing.assert_allclose(rates(*kind, 128), rates(Rotary(1000.0 * 3 ** (4 / 3)), 8), rtol=1e-14)
    angles = own_angles(kind, [3, 128, 1])
    assert angles.shape == (132, 4)
    np.testing.assert_array_equal(angles[:3], np.outer(np.arange(3), plain))
    np.testing.assert_array_equal(angles[3:131], np.outer(np.arange(128), rates(*kind, 128)))
    assert not angles[131].any()


def test_stretches() -> None:
    np.testing.assert_allclose(rates(Rotary(500.0, Linear(4.0)), 8), rates(Rotary(500.0), 8) / 4, rtol=1e-15)
    wanted = rates(Rotary(4000.0), 8) / 8**0.25
    np.testing.assert_allclose(rates(Rotary(500.0, Ntk(8.0)), 8), wanted, rtol=1e-15)
