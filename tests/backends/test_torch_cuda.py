"""The torch backend on a CUDA device, where there is one: `make test-cuda`."""

from dataclasses import replace

import numpy as np
import pytest

from tests.checkpoints import FAMILIES
from tests.shared import Checkpoints
from vectord.core import Dtype
from vectord.hardware import detect

from .running import Model, cosines, farthest

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not detect().cuda, reason="cuda: no NVIDIA device"),
]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
@pytest.mark.parametrize("family", FAMILIES)
def test_packed_rows_on_cuda_equal_the_reference(checkpoint: Checkpoints, family: str, dtype: Dtype) -> None:
    model = Model.at(checkpoint(family))
    session, encodings, answers = model.load("torch", dtype), model.encodings(), model.answers()
    together, alone = model.run(session, encodings), model.alone(session, encodings)
    if dtype == "float32":
        assert farthest(together, answers) <= 1e-4
        assert farthest(alone, answers) <= 1e-4
    elif model.card.head.output == "embedding":
        assert np.median(cosines(together, answers)) >= 0.999
        assert np.median(cosines(together, alone)) >= 0.999


@pytest.mark.parametrize(
    "family", ["electra", "electra_classify", "phi", "roberta_prelayernorm", "squeezebert"]
)
def test_transformers_on_cuda(checkpoint: Checkpoints, family: str) -> None:
    model = Model.at(checkpoint(family))
    session, encodings, answers = model.load("torch"), model.encodings(), model.answers()
    assert farthest(model.run(session, encodings), answers) <= 1e-4
    assert farthest(model.alone(session, encodings), answers) <= 1e-4


def test_an_overlong_input_fails_its_batch_and_not_the_device(checkpoint: Checkpoints) -> None:
    model = Model.at(checkpoint("bert"))
    session, [first, *_] = model.load("torch"), model.encodings()
    ids = np.ones(model.card.max_length + 1, np.int32)
    with pytest.raises(ValueError, match="exceeds the limit"):
        model.run(session, [replace(first, token_ids=ids, type_ids=np.zeros_like(ids))])
    assert np.isfinite(model.run(session, [first])).all()
