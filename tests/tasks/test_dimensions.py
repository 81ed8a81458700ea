"""Vectors cut short, by models that were trained for it."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from tests.checkpoints import reference
from tests.shared import Checkpoints
from vectord.errors import InvalidRequest

from .serving import INPUTS, engine, near


async def test_nomic_norms_before_it_cuts(checkpoint: Checkpoints) -> None:
    path = checkpoint("nomic")
    whole = torch.from_numpy(reference.pooled(path, INPUTS))
    normed = F.layer_norm(whole, normalized_shape=(whole.shape[1],))
    async with engine(path) as door:
        for size in (1, 7, 31):
            answer = await door.embed(INPUTS, dimensions=size)
            near(answer.vectors, F.normalize(normed[:, :size], dim=1).numpy())
        near((await door.embed(INPUTS)).vectors, F.normalize(whole, dim=1).numpy())
        with pytest.raises(InvalidRequest, match="dimensions must be from 1 to 32"):
            await door.embed(INPUTS, dimensions=33)


async def test_others_only_cut(checkpoint: Checkpoints) -> None:
    path = checkpoint("bert")
    whole = reference.embeddings(path, INPUTS)[:, :8]
    async with engine(path) as door:
        near((await door.embed(INPUTS, dimensions=8)).vectors, whole / np.linalg.norm(whole, axis=1)[:, None])
