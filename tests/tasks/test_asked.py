"""What the user says of a model where its files do not: pooling and task."""

from pathlib import Path

import pytest

from tests.checkpoints import answers, reference
from tests.shared import Checkpoints
from vectord.errors import CheckpointError, WrongTask

from .serving import INPUTS, engine, near

POOLINGS = {"bert_max": "max", "bert_weighted_mean": "weighted-mean", "bert_mean_sqrt": "mean-sqrt"}


@pytest.mark.parametrize("family", POOLINGS)
async def test_a_pooling_whose_file_is_missing(checkpoint: Checkpoints, tmp_path: Path, family: str) -> None:
    wanted = reference.embeddings(checkpoint(family), INPUTS)
    path = checkpoint.copy(family, tmp_path / "copy")
    (path / "1_Pooling/config.json").unlink()
    with pytest.raises(CheckpointError, match="pass --pooling"):
        async with engine(path):
            pass
    async with engine(path, pooling=POOLINGS[family]) as door:
        near((await door.embed(INPUTS)).vectors, wanted)


async def test_token_vectors_of_a_classifier(checkpoint: Checkpoints) -> None:
    path = checkpoint("bert_ner")
    async with engine(path, task="embed_all") as door:
        answer = await door.embed_all(INPUTS)
        with pytest.raises(WrongTask, match="no served model can classify tokens"):
            await door.classify_tokens(["a"])
    for rows, right in zip(answer.vectors, answers.states(path, INPUTS, 512), strict=True):
        near(rows, right)
