"""What modules.json and its modules say."""

import json
from pathlib import Path

import pytest

from tests.shared import Checkpoints
from vectord.core import Dense

from .editing import add_dense, card_at, write


@pytest.fixture
def bert(checkpoint: Checkpoints, tmp_path: Path) -> Path:
    return checkpoint.copy("bert", tmp_path / "bert")


OLD_SWITCHES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_lasttoken": "last-token",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_weightedmean_tokens": "weighted-mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean-sqrt",
}


NEW_WORDS = {
    "cls": "cls",
    "mean": "mean",
    "lasttoken": "last-token",
    "max": "max",
    "weightedmean": "weighted-mean",
    "mean_sqrt_len_tokens": "mean-sqrt",
}


@pytest.mark.parametrize(("switch", "pooling"), OLD_SWITCHES.items())
def test_pooling_in_its_old_form(bert: Path, switch: str, pooling: str) -> None:
    write(bert / "1_Pooling/config.json", {"word_embedding_dimension": 32, switch: True})
    assert card_at(bert).head.pooling == pooling


@pytest.mark.parametrize(("word", "pooling"), NEW_WORDS.items())
def test_pooling_in_its_new_form(bert: Path, word: str, pooling: str) -> None:
    for form in (word, [word]):
        write(bert / "1_Pooling/config.json", {"embedding_dimension": 32, "pooling_mode": form})
        assert card_at(bert).head.pooling == pooling


def test_a_stated_pooling_counts_only_where_the_checkpoint_states_none(bert: Path) -> None:
    assert card_at(bert, "cls").head.pooling == "mean"
    (bert / "1_Pooling/config.json").unlink()
    card = card_at(bert, "cls")
    assert (card.head.pooling, card.normalize) == ("cls", True)
    (bert / "modules.json").unlink()
    card = card_at(bert, "last-token")
    assert (card.head.pooling, card.normalize) == ("last-token", False)


def test_no_normalize_module(bert: Path) -> None:
    modules = json.loads((bert / "modules.json").read_text())
    write(bert / "modules.json", modules[:-1])
    assert card_at(bert).normalize is False


def test_dense_modules(bert: Path) -> None:
    add_dense(bert, 32, 48)
    add_dense(bert, 48, 8, bias=False, activation_function="torch.nn.modules.linear.Identity")
    card = card_at(bert)
    assert card.width == 8
    assert card.head.dense == (
        Dense("head.dense.0", 32, 48, bias=True, activation="tanh"),
        Dense("head.dense.1", 48, 8, bias=False, activation="identity"),
    )
    assert card.tensors["head.dense.0.weight"].file != card.tensors["head.dense.1.weight"].file
    assert "head.dense.1.bias" not in card.tensors
