"""Sixty small models in one process."""

import asyncio
import shutil
from pathlib import Path

import numpy as np

from vectord import open_engine

from .shared import Checkpoints

FAMILIES = ("bert", "modernbert", "qwen3", "roberta", "distilbert", "mistral")
COUNT = 60


async def test_sixty_models_start_and_answer(checkpoint: Checkpoints, tmp_path: Path) -> None:
    paths = []
    for index in range(COUNT):
        source = checkpoint(FAMILIES[index % len(FAMILIES)])
        paths.append(str(shutil.copytree(source, tmp_path / f"m{index}")))
    async with open_engine(*paths, backend="onnx", dtype="float32") as engine:
        assert engine.ready
        names = [served.name for served in engine.served]
        assert names == [f"m{index}" for index in range(COUNT)]
        answers = await asyncio.gather(*(engine.embed(["one", "two words"], model=name) for name in names))
    for index, answer in enumerate(answers):
        assert answer.model == names[index]
        np.testing.assert_array_equal(answer.vectors, answers[index % len(FAMILIES)].vectors)
