"""Which task a checkpoint is for: `--task`, then modules.json, then config.json's class."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.shared import Checkpoints
from vectord.core import ModelCard, Output, Task
from vectord.errors import CheckpointError

from .damage import Damage, both, config, without
from .editing import GONE, card_at, edit, edit_weights, write

EMBED: tuple[Task, ...] = ("embed", "rerank", "embed_all")
MULTI: tuple[Task, ...] = (*EMBED, "sparse")
LATE: tuple[Task, ...] = ("embed_all", "rerank")
NATIVE: dict[str, tuple[Task, ...]] = {
    "bert": EMBED,
    "qwen3": EMBED,  # its class is Qwen3ForCausalLM
    "bge_m3": MULTI,
    "bert_rerank": ("rerank", "classify"),
    "llama_rerank": ("rerank", "classify"),
    "bert_classify": ("classify",),
    "roberta_multi": ("classify",),
    "bert_ner": ("token_classify",),
    "bert_splade": ("sparse",),
    "bert_colbert": LATE,
    "bert_pylate": LATE,
    "qwen3_yes_no": ("rerank",),
}


@pytest.mark.parametrize("family", NATIVE)
def test_the_files_say_it(checkpoint: Checkpoints, family: str) -> None:
    assert card_at(checkpoint(family)).tasks == NATIVE[family]


@pytest.mark.parametrize("family", ["bert_splade", "modernbert_splade", "bert_colbert", "modernbert_pylate"])
def test_so_do_the_files_of_sentence_transformers(checkpoint: Checkpoints, family: str) -> None:
    published = card_at(checkpoint(family))
    saved = card_at(checkpoint(family, style="resaved"))
    assert (saved.tasks, saved.outputs, saved.width) == (published.tasks, published.outputs, published.width)


def test_modules_go_before_the_class(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bert", tmp_path / "copy")
    classes = ("BertForMaskedLM", "BertForSequenceClassification", "BertForTokenClassification")
    for name in classes:
        edit(path / "config.json", {"architectures": [name]})
        assert card_at(path).tasks == EMBED


@pytest.mark.parametrize(
    ("family", "task", "outputs"),
    [
        ("bert", "embed", {"embedding", "tokens"}),
        ("bert", "rerank", {"embedding", "tokens"}),
        ("bert", "embed_all", {"tokens"}),
        ("bge_m3", "sparse", {"embedding", "tokens", "weights", "vectors"}),
        ("bert_rerank", "classify", {"logits"}),
        ("bert_rerank", "embed_all", {"tokens"}),
        ("bert_colbert", "rerank", {"vectors"}),
        ("bert_colbert", "embed_all", {"vectors"}),
        ("bert_splade", "sparse", {"sparse"}),
        ("bert_splade", "embed_all", {"tokens"}),
        ("bert_ner", "token_classify", {"token_logits"}),
        ("qwen3_yes_no", "rerank", {"logits"}),
        ("qwen3_yes_no", "embed_all", {"tokens"}),
    ],
)
def test_the_user_goes_before_the_files(
    checkpoint: Checkpoints, family: str, task: Task, outputs: set[Output]
) -> None:
    card = card_at(checkpoint(family), task=task)
    assert card.outputs == outputs
    assert card.tasks[0] == task


def test_a_masked_language_model_embeds_if_told_how_to_pool(checkpoint: Checkpoints) -> None:
    for family in ("bert_splade", "qwen3_yes_no"):
        card = card_at(checkpoint(family), "mean")
        assert (card.tasks, card.head.pooling, card.normalize) == (EMBED, "mean", False)


@pytest.mark.parametrize(
    ("family", "task", "words"),
    [
        ("bert_rerank", "embed", "pass --pooling cls, mean or last-token"),
        ("bert_splade", "rerank", "pass --pooling cls, mean or last-token"),
        ("qwen3_yes_no", "embed", "pass --pooling cls, mean or last-token"),
        ("bert_classify", "rerank", "has 3 labels; a reranker has one: use --task classify"),
        ("bert", "classify", "architectures must be a class that ends in ForSequenceClassification"),
        ("bert", "token_classify", "architectures must be a class that ends in ForTokenClassification"),
        ("bert", "sparse", "architectures must be a class that ends in ForMaskedLM"),
        ("bert_colbert", "embed", "pass --pooling cls, mean or last-token"),
        ("bert_pylate", "embed", "pass --pooling cls, mean or last-token"),
    ],
)
def test_what_the_files_cannot_do(checkpoint: Checkpoints, family: str, task: Task, words: str) -> None:
    with pytest.raises(CheckpointError) as raised:
        card_at(checkpoint(family), task=task)
    assert words in str(raised.value)


UNDECIDED: dict[str, tuple[str, tuple[Damage, ...]]] = {
    "an embedder without modules": ("bert", (without("modules.json"),)),
    "a language model of a family without a prompt": (
        "mistral",
        (without("modules.json"), config(architectures=["MistralForCausalLM"])),
    ),
    "no class at all": ("bert_ner", (config(architectures=GONE),)),
}


@pytest.mark.parametrize("what", UNDECIDED)
def test_an_error_names_both_ways_out(checkpoint: Checkpoints, tmp_path: Path, what: str) -> None:
    family, changes = UNDECIDED[what]
    path = checkpoint.copy(family, tmp_path / "copy")
    both(*changes)(path)
    with pytest.raises(CheckpointError, match=r"pass --pooling .* or --task \(embed, embed_all, sparse"):
        card_at(path)


def test_answers_must_be_single_tokens(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("qwen3_yes_no", tmp_path / "copy")
    without_word(path / "tokenizer.json", "yes")
    with pytest.raises(CheckpointError, match="or --task"):
        card_at(path)
    with pytest.raises(CheckpointError, match="no single tokens yes and no"):
        card_at(path, task="rerank")


def without_word(file: Path, word: str) -> None:
    """Take a word out of a vocabulary, and the merge that makes it."""
    values = json.loads(file.read_text())
    model = values["model"]
    model["vocab"][f"no {word}"] = model["vocab"].pop(word)
    model["merges"] = [pair for pair in model["merges"] if "".join(pair) != word]
    write(file, values)


def test_no_pooling_file(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bert_max", tmp_path / "copy")
    (path / "1_Pooling/config.json").unlink()
    with pytest.raises(CheckpointError, match=r"1_Pooling/config.json is missing: .* pass --pooling"):
        card_at(path)
    assert card_at(path, "max").head.pooling == "max"


def test_half_of_bge_m3_is_an_embedder(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bge_m3", tmp_path / "copy")
    (path / "colbert_linear.pt").unlink()
    assert card_at(path).tasks == EMBED


def test_a_tied_output_layer_is_the_words(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("qwen3_yes_no_untied", tmp_path / "copy")
    assert places(card_at(checkpoint("qwen3_yes_no"))) == {"embedding.word.weight"}
    assert places(card_at(path)) == set()
    edit_weights(path, lm_head__weight=GONE)
    with pytest.raises(CheckpointError, match="has no output layer, and tie_word_embeddings = false"):
        card_at(path)


def places(card: ModelCard) -> set[str]:
    """Return the parameters inside of which the rows of both answers lie."""
    rows = [card.tensors[f"head.{word}.weight"] for word in ("no", "yes")]
    return {
        name
        for name, one in card.tensors.items()
        if one not in rows
        and all(one.offset <= row.offset < one.offset + 2 * int(np.prod(one.shape)) for row in rows)
    }
