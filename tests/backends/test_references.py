"""The float64 references against transformers, for those architectures that both know."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel

from tests.checkpoints import Shape, gte_float64, nomic_float64
from tests.checkpoints.float64 import Network
from tests.checkpoints.native import native
from tests.checkpoints.recipe import Json
from tests.shared import Checkpoints

NETWORKS: dict[str, Callable[[Path, Json], Network]] = {
    "gte": gte_float64.network,
    "gte_multilingual": gte_float64.network,
    "nomic": nomic_float64.network,
}


@pytest.mark.parametrize("shape", ["small", "odd"])
@pytest.mark.parametrize("family", NETWORKS)
def test_they_agree(checkpoint: Checkpoints, family: str, shape: Shape) -> None:
    path = checkpoint(family, shape)
    ids = np.random.default_rng(0).integers(5, 300, 200)
    config = json.loads((path / "config.json").read_text())
    states = NETWORKS[family](path, config)(ids, np.zeros_like(ids))
    model = AutoModel.from_pretrained(native(path), dtype=torch.float32).eval()
    with torch.inference_mode():
        wanted = model(input_ids=torch.from_numpy(ids)[None]).last_hidden_state[0].numpy()
    assert np.abs(states - wanted).max() <= 1e-4
