"""What torch does on a CUDA device beside the parity of families and heads: `make test-cuda` runs all."""

from dataclasses import replace

import numpy as np
import pytest

from tests.shared import Checkpoints

from .running import Device, Model, farthest

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(Device.asked is None, reason="cuda: run with --device cuda"),
]


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
