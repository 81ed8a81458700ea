"""Every key of every JSON file, with values that nobody meant: a card or a `CheckpointError`, never more."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.shared import Checkpoints
from vectord.errors import CheckpointError

from .editing import GONE, card_at, edit, write

ODD: tuple[Any, ...] = (
    None,
    [],
    {},
    "x",
    "",
    -1,
    0,
    1,
    1e30,
    True,
    False,
    10**30,
    float("nan"),
    [1],
    ["x"],
    {"x": {}},
    "\n" * 9,
)
FILES = (
    "config.json",
    "1_Pooling/config.json",
    "sentence_bert_config.json",
    "config_sentence_transformers.json",
    "tokenizer_config.json",
)


@pytest.mark.parametrize("style", ["published", "resaved"])
@pytest.mark.parametrize(
    "family",
    [
        "bert",
        "bert_classify",
        "distilbert",
        "electra",
        "electra_classify",
        "llama_rerank",
        "mistral",
        "nomic",
        "modernbert",
        "modernbert_rerank",
        "qwen3",
        "qwen3_projected",
        "qwen2_windowed",
        "gemma_rerank",
        "gemma2",
        "gemma3",
        "deberta",
        "deberta_rerank",
        "jina_v3_adapters",
        "roberta",
    ],
)
def test_odd_values(checkpoint: Checkpoints, tmp_path: Path, family: str, style: Any) -> None:
    path = checkpoint.copy(family, tmp_path / "copy", style=style)
    for file in (path / name for name in FILES if (path / name).exists()):
        values = json.loads(file.read_text())
        for key in values:
            for value in (GONE, *ODD):
                edit(file, {key: value})
                survives(path)
                write(file, values)


def survives(path: Path) -> None:
    try:
        card_at(path)
    except CheckpointError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 500
