"""Texts of 1,500 tokens where angles or biases depend on lengths and distances."""

from dataclasses import replace

import numpy as np
import pytest

from tests.checkpoints import TEXTS
from tests.measure import LONG, long_text
from tests.shared import Checkpoints
from vectord.backends.torch import attend, network
from vectord.hardware import detect

from .running import Model, cosines, farthest

FAMILIES = ("gte", "jina", "jina_code", "nomic_scaled", "nomic_moe")


@pytest.mark.parametrize("family", FAMILIES)
def test_backends_agree(checkpoint: Checkpoints, family: str) -> None:
    model = Model.at(checkpoint(family))
    able = Model(replace(model.card, max_length=LONG), model.tokenizer)
    encodings = able.tokenizer.encode([" ".join(TEXTS * 40), TEXTS[-1]], LONG)
    assert len(encodings[0]) == LONG
    wanted, *others = (able.run(able.load(name), encodings) for name in ("onnx", "openvino", "torch"))
    for rows in others:
        assert farthest(rows, wanted) <= 1e-4


@pytest.mark.skipif(not detect().native_bfloat16, reason="this CPU does not multiply bfloat16 itself")
@pytest.mark.parametrize("family", ["jina", "jina_code", "mpnet", "nomic_moe"])
def test_bfloat16_keeps_distances_and_routes(checkpoint: Checkpoints, family: str) -> None:
    model = Model.at(checkpoint(family))
    exact, rounded = long_text(model, "float32"), long_text(model, "bfloat16")
    assert cosines(exact["embedding"], rounded["embedding"]).min() >= 0.9995
    tokens = cosines(exact["tokens"], rounded["tokens"])
    # a token whose second and third expert are nearly equally likely may take the other one
    assert np.quantile(tokens, 0.02 if family == "nomic_moe" else 0) >= 0.995


@pytest.mark.parametrize("family", ["jina", "mpnet"])
def test_no_variable_length_kernel_is_asked_to_add_a_bias(
    checkpoint: Checkpoints, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such kernels are for CUDA: say that they fit, and the session must not take one all the same."""
    monkeypatch.setattr(network, "varlen_fits", lambda *_: True)
    monkeypatch.setattr(attend, "varlen_attn", None)
    model = Model.at(checkpoint(family))
    rows = model.run(model.load("torch"), model.encodings())
    assert farthest(rows, model.answers()) <= 1e-4
