"""Texts reach the network as sentence-transformers sends them there."""

from pathlib import Path
from typing import Any

import pytest

from tests.checkpoints import TEXTS, reference
from tests.models.editing import edit
from tests.shared import Checkpoints

from .running import LONG, Model, farthest

TOKENIZER, TRANSFORMER = "tokenizer_config.json", "sentence_bert_config.json"
CASED = ["The QUICK Brown Fox", "ÀÉ naïve Über", *TEXTS, LONG, LONG.upper()]
# the family, and what each file says
SAYS: dict[str, tuple[str, dict[str, dict[str, Any]]]] = {
    "cased": ("bert", {TOKENIZER: {"do_lower_case": False}}),
    "lower-cased before a cased tokenizer": (
        "bert",
        {TOKENIZER: {"do_lower_case": False}, TRANSFORMER: {"do_lower_case": True}},
    ),
    "lower-cased before byte pairs": ("modernbert", {TRANSFORMER: {"do_lower_case": True}}),
    "lower-cased twice": ("nomic", {TRANSFORMER: {"do_lower_case": True}}),
    "cut on the left": (
        "bert",
        {TOKENIZER: {"truncation_side": "left"}, TRANSFORMER: {"max_seq_length": 16}},
    ),
    "cut on the left by a decoder": (
        "qwen3",
        {TOKENIZER: {"truncation_side": "left"}, TRANSFORMER: {"max_seq_length": 16}},
    ),
}


@pytest.mark.parametrize("case", SAYS)
def test_vectors_follow_what_the_files_say(checkpoint: Checkpoints, tmp_path: Path, case: str) -> None:
    family, says = SAYS[case]
    path = checkpoint.copy(family, tmp_path / "copy")
    for file, changes in says.items():
        edit(path / file, changes)
    follows(path)


@pytest.mark.parametrize("name", ["roberta", "distilbert", "xlm-roberta"])
def test_old_names_of_the_transformers_settings_count(
    checkpoint: Checkpoints, tmp_path: Path, name: str
) -> None:
    path = checkpoint.copy("bert", tmp_path / "copy")
    (path / TRANSFORMER).unlink()
    edit(path / f"sentence_{name}_config.json", {"max_seq_length": 16, "do_lower_case": True})
    assert Model.at(path).card.max_length == 16
    follows(path)


def follows(path: Path) -> None:
    model = Model.at(path)
    session = model.load("onnx")
    rows = model.alone(session, model.tokenizer.encode(CASED, model.card.max_length))
    session.close()
    assert farthest(rows, reference.pooled(path, CASED)) <= 1e-4
