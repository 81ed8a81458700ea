"""Dense modules after the pooling, as in LaBSE or EmbeddingGemma."""

from pathlib import Path

import pytest

from tests.checkpoints import reference
from tests.models.editing import add_dense
from tests.shared import Checkpoints

from .running import BACKENDS, INPUTS, Model, farthest


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("family", ["bert", "qwen3"])
def test_dense_modules_give_the_reference_answers(
    checkpoint: Checkpoints, tmp_path: Path, family: str, backend: str
) -> None:
    path = checkpoint.copy(family, tmp_path / "copy")
    add_dense(path, 32, 48)
    add_dense(path, 48, 24, activation_function="torch.nn.modules.activation.ReLU")
    add_dense(path, 24, 24, activation_function="torch.nn.modules.activation.GELU")
    add_dense(path, 24, 8, bias=False, activation_function="torch.nn.modules.linear.Identity")
    model = Model.at(path)
    rows = model.run(model.load(backend), model.encodings())
    assert rows.shape == (len(INPUTS), model.card.width)
    assert farthest(rows, reference.pooled(path, INPUTS)) <= 1e-4
