"""The torch session against the libraries that define the answers."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.checkpoints import FAMILIES, PAIRS, TEXTS, Shape, Style, build, reference
from vectord.backends.torch import TorchBackend
from vectord.core import Batch, Bid, Dtype, Encoding, ModelCard, Session
from vectord.hardware import detect
from vectord.models.card import read_card
from vectord.models.resolve import Place
from vectord.models.tokenizer import load_tokenizer

# long enough for several blocks of a windowed layer
LONG = " ".join(TEXTS)
INPUTS = (*TEXTS, LONG)
INPUT_PAIRS = (*PAIRS, ("fox", LONG))
Rows = NDArray[np.float32]


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Undo what a session says about the threads of the process."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("checkpoints")


def card_of(folder: Path, family: str, shape: Shape = "small", style: Style = "published") -> ModelCard:
    path = folder / f"{family}-{shape}-{style}"
    if not path.exists():
        build(family, path, shape=shape, style=style)
    return read_card(family, Place(family, path, None))


def load(card: ModelCard, dtype: Dtype = "float32") -> Session:
    return TorchBackend().load(card, Bid(score=1, dtype=dtype, reason="", threads=2))


def encodings_of(card: ModelCard) -> list[Encoding]:
    tokenizer = load_tokenizer(card.path, card.arch.embedding.vocab_size)
    if card.head.output == "embedding":
        return tokenizer.encode(list(INPUTS), card.max_length)
    return [tokenizer.encode_pairs(one, [other], card.max_length)[0] for one, other in INPUT_PAIRS]


def answers_of(card: ModelCard) -> Rows:
    if card.head.output == "embedding":
        return reference.pooled(card.path, INPUTS)
    return reference.logits(card.path, INPUT_PAIRS)


def run(session: Session, card: ModelCard, encodings: list[Encoding]) -> Rows:
    return session.run(Batch.of(encodings), [card.head.output])[card.head.output]


def cosines(one: Rows, other: Rows) -> Rows:
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    found: Rows = (one * other).sum(axis=1) / lengths
    return found


@pytest.mark.parametrize("style", ["published", "resaved"])
@pytest.mark.parametrize("shape", ["small", "odd"])
@pytest.mark.parametrize("family", FAMILIES)
def test_float32_gives_the_reference_answers(folder: Path, family: str, shape: Shape, style: Style) -> None:
    card = card_of(folder, family, shape, style)
    rows = run(load(card), card, encodings_of(card))
    assert rows.dtype == np.float32
    assert rows.shape == (len(INPUTS), card.width)
    assert np.abs(rows - answers_of(card)).max() <= 1e-4


@pytest.mark.parametrize("family", FAMILIES)
def test_an_answer_does_not_depend_on_the_batch(folder: Path, family: str) -> None:
    card = card_of(folder, family)
    session, encodings = load(card), encodings_of(card)
    alone = np.concatenate([run(session, card, [one]) for one in encodings])
    for seed in range(4):
        chosen = np.random.default_rng(seed).integers(0, len(encodings), 9)
        rows = run(session, card, [encodings[index] for index in chosen])
        np.testing.assert_allclose(rows, alone[chosen], rtol=0, atol=1e-5)


@pytest.mark.parametrize("family", FAMILIES)
def test_neighbours_do_not_leak(folder: Path, family: str) -> None:
    card = card_of(folder, family)
    session, random = load(card), np.random.default_rng(0)

    def noise(length: int) -> Encoding:
        ids = random.integers(5, card.arch.embedding.vocab_size, length).astype(np.int32)
        return Encoding(ids, np.zeros_like(ids))

    mine = noise(40)
    # the same lengths around it, so that nothing but the neighbours' content changes
    batches = [[noise(40), mine, noise(40), noise(7)] for _ in range(3)]
    first, *others = (run(session, card, batch) for batch in batches)
    for rows in others:
        # what experts compute of a token is rounded by how many others chose them
        allowed = 1e-6 if family == "nomic_moe" else 0
        np.testing.assert_allclose(rows[1], first[1], 0, allowed)
        assert np.abs(rows[[0, 2, 3]] - first[[0, 2, 3]]).max() > 0.01


@pytest.mark.skipif(not detect().native_bfloat16, reason="this CPU has no bfloat16 units")
@pytest.mark.parametrize("shape", ["small", "odd"])
@pytest.mark.parametrize("family", ["bert", "modernbert", "qwen3"])
def test_bfloat16_stays_close(folder: Path, family: str, shape: Shape) -> None:
    card = card_of(folder, family, shape)
    session, encodings = load(card, "bfloat16"), encodings_of(card)
    rows = run(session, card, encodings)
    assert cosines(rows, answers_of(card)).min() >= 0.999
    alone = np.concatenate([run(session, card, [one]) for one in encodings])
    assert cosines(rows, alone).min() >= 0.9999


def test_an_input_over_the_limit_fails_its_batch_alone(folder: Path) -> None:
    card = card_of(folder, "bert")
    session = load(card)
    ids = np.full(card.max_length + 1, 5, np.int32)
    with pytest.raises(ValueError, match="exceeds the limit"):
        run(session, card, [Encoding(ids, np.zeros_like(ids))])
    assert run(session, card, encodings_of(card)).shape == (len(INPUTS), card.width)


def test_bidding_does_not_import_torch() -> None:
    code = "import sys, vectord.backends.torch; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
