"""What tokenizer_config.json says of case, accents and sides."""

from itertools import product
from pathlib import Path

import pytest
import tokenizers
from tokenizers import normalizers
from transformers import AutoTokenizer

from tests.checkpoints.native import native
from tests.checkpoints.recipe import Json
from tests.shared import Checkpoints
from vectord.models.tokenizer import load_tokenizer

from .editing import GONE, edit
from .encodings import PLENTY, ids, same

CASED = ["Hello World ÀÉ naïve 日本語 text", "the QUICK brown Fox jumps over lazy dogs and more", "a  B\tc"]


WORD_PIECE = ("bert", "distilbert", "nomic")


SAYS: dict[str, Json] = {
    "cased": {"do_lower_case": False},
    "uncased": {"do_lower_case": True},
    "uncased by default": {"do_lower_case": GONE},
    "accents kept": {"strip_accents": False},
    "accents lost in cased text": {"do_lower_case": False, "strip_accents": True},
    "Chinese kept together": {"tokenize_chinese_chars": False},
    "cut on the left": {"truncation_side": "left"},
    "taken as stored": {"tokenizer_class": "PreTrainedTokenizerFast", "do_lower_case": False},
    "another name": {"tokenizer_class": "BertTokenizerFast", "do_lower_case": False},
}


SAID = [
    *product(WORD_PIECE, SAYS),
    *product(("modernbert", "roberta", "qwen3"), ("cased", "cut on the left")),
    ("modernbert", "another name"),
]


def agree(path: Path) -> None:
    """Texts and pairs become the same ids here and in transformers."""
    ours, theirs = load_tokenizer(path, PLENTY), AutoTokenizer.from_pretrained(native(path))
    for limit in (9, 512):
        wanted = theirs(CASED, truncation=True, max_length=limit)["input_ids"]
        assert [one.token_ids.tolist() for one in ours.encode(CASED, limit)] == wanted
        pairs = theirs([CASED[0]] * 3, CASED, truncation=True, max_length=limit)["input_ids"]
        assert [one.token_ids.tolist() for one in ours.encode_pairs(CASED[0], CASED, limit)] == pairs


@pytest.mark.parametrize(("family", "says"), SAID)
def test_tokenizer_config_is_obeyed_as_transformers_does(
    checkpoint: Checkpoints, tmp_path: Path, family: str, says: str
) -> None:
    path = checkpoint.copy(family, tmp_path / "copy")
    edit(path / "tokenizer_config.json", SAYS[says])
    agree(path)


@pytest.mark.parametrize("named", [None, "BertTokenizer", "PreTrainedTokenizerFast"])
@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_without_a_class_in_tokenizer_config_configs_counts_and_then_the_model_type(
    checkpoint: Checkpoints, tmp_path: Path, family: str, named: str | None
) -> None:
    path = checkpoint.copy(family, tmp_path / "copy")
    edit(path / "tokenizer_config.json", {"tokenizer_class": GONE, "do_lower_case": False})
    edit(path / "config.json", {"tokenizer_class": named})
    agree(path)


def test_a_cased_tokenizer_is_lower_cased_where_nothing_says_it_is_cased(
    checkpoint: Checkpoints, tmp_path: Path
) -> None:
    path = checkpoint.copy("bert", tmp_path / "copy")
    stored = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
    stored.normalizer = normalizers.BertNormalizer(lowercase=False)
    stored.save(str(path / "tokenizer.json"))
    edit(path / "tokenizer_config.json", {"do_lower_case": GONE})
    agree(path)
    (path / "tokenizer_config.json").unlink()
    agree(path)


@pytest.mark.parametrize("says", [GONE, "right", "left"])
def test_the_side_of_tokenizer_json_counts_where_the_config_is_silent(
    checkpoint: Checkpoints, tmp_path: Path, says: object
) -> None:
    path = checkpoint.copy("modernbert", tmp_path / "copy")
    stored = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
    stored.enable_truncation(5, direction="left")
    stored.save(str(path / "tokenizer.json"))
    edit(path / "tokenizer_config.json", {"truncation_side": says})
    agree(path)


def test_a_side_that_is_asked_for_comes_before_the_checkpoints(
    checkpoint: Checkpoints, tmp_path: Path
) -> None:
    plain = load_tokenizer(checkpoint("bert"), PLENTY)
    path = checkpoint.copy("bert", tmp_path / "copy")
    edit(path / "tokenizer_config.json", {"truncation_side": "left"})
    left = load_tokenizer(path, PLENTY)
    same(left.encode(CASED, 7, "right"), plain.encode(CASED, 7))
    same(left.encode(CASED, 7), plain.encode(CASED, 7, "left"))
    long = ids(*range(10, 30))
    same([left.wrap(long, 7)], [plain.wrap(long, 7, "left")])
