"""Rotary families in bfloat16 on OpenVINO: no token of a long text may drift from its place."""

import numpy as np
import pytest

from tests.checkpoints import FAMILIES
from tests.measure import LONG, long_text
from tests.shared import Checkpoints
from vectord.core import Rotary
from vectord.hardware import detect
from vectord.models.families.measured import BFLOAT16_COSINE, BFLOAT16_TOKEN

from .running import Model, cosines


@pytest.mark.skipif(not detect().native_bfloat16, reason="this CPU does not multiply bfloat16 itself")
@pytest.mark.parametrize("family", FAMILIES)
def test_every_token_of_a_long_text_keeps_its_place(checkpoint: Checkpoints, family: str) -> None:
    model = Model.at(checkpoint(family))
    rotary = any(isinstance(layer.attention.position, Rotary) for layer in model.card.arch.layers)
    if not rotary or model.card.head.output != "embedding":
        pytest.skip("no rotary embedder")
    if not model.card.keeps_bfloat16:
        pytest.skip("bfloat16 is not chosen for this family: see docs/families.md")
    exact, rounded = long_text(model, "float32"), long_text(model, "bfloat16")
    assert len(exact["tokens"]) == min(LONG, model.card.arch.max_positions)
    assert all(np.isfinite(array).all() for array in rounded.values())
    assert cosines(exact["tokens"], rounded["tokens"]).min() >= BFLOAT16_TOKEN
    assert cosines(exact["embedding"], rounded["embedding"]).min() >= BFLOAT16_COSINE
