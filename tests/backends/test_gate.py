"""What int8 may change: compared with float32 at load, refused with figures, remembered."""

import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import numpy as np
import pytest

from tests.checkpoints.outliers import add_outliers
from tests.server import environment
from tests.shared import Checkpoints
from vectord.backends import gate
from vectord.backends.choice import Choice
from vectord.backends.likeness import Figure, cosine, rank_correlation
from vectord.backends.progress import Progress
from vectord.compose import build_engine
from vectord.config import Settings
from vectord.core import Bid, CacheSpace, ModelCard, Options, Session
from vectord.errors import SettingError
from vectord.hardware import detect
from vectord.load import load
from vectord.models import probe

from .running import Model, cosines, installed

pytestmark = pytest.mark.skipif(not detect().native_int8, reason="this CPU does not multiply 8-bit integers")
BACKENDS = ("onnx", "openvino")


class Counting:
    """A backend that notes what it loads."""

    def __init__(self, name: str) -> None:
        self.name, self.loaded = name, list[str]()
        self.bid = installed()[name].bid

    def load(self, card: ModelCard, bid: Bid) -> Session:
        self.loaded.append(bid.dtype)
        return installed()[self.name].load(card, bid)


def figures(path: Path, backend: Counting, space: CacheSpace | None = None) -> list[Figure]:
    model, hardware = Model.at(path), detect()
    bid = backend.bid(model.card, hardware, Options("int8", 2, space))
    exact = backend.bid(model.card, hardware, Options("float32", 2, space))
    assert isinstance(bid, Bid)
    assert isinstance(exact, Bid)
    return gate.check(model.card, backend, bid, exact, model.tokenizer, hardware)


@pytest.fixture
def outliers(checkpoint: Checkpoints, tmp_path: Path) -> Path:
    path = checkpoint.copy("bert", tmp_path / "outliers")
    add_outliers(path, 300)
    return path


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_sound_model_passes(checkpoint: Checkpoints, backend: str) -> None:
    found = figures(checkpoint("bert"), Counting(backend))
    names = [(one.name, one.least) for one in found]
    assert names == [
        ("embedding: mean cosine", 0.99),
        ("embedding: worst cosine", 0.97),
        ("tokens: mean cosine", 0.99),
        ("tokens: worst cosine", 0.97),
    ]
    assert all(one.least < one.value < 1 for one in found)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("family", ["bert_rerank", "qwen3_rerank"])
def test_of_a_reranker_the_ranks_count(checkpoint: Checkpoints, family: str, backend: str) -> None:
    [found] = figures(checkpoint(family), Counting(backend))
    assert (found.name, found.least) == ("rank correlation", 0.98)
    assert 0.98 <= found.value < 1


@pytest.mark.parametrize("backend", BACKENDS)
def test_outlier_channels_are_refused_with_both_figures(outliers: Path, backend: str) -> None:
    with pytest.raises(SettingError) as refused:
        figures(outliers, Counting(backend))
    text = str(refused.value)
    assert f"int8 on {backend} changes the answers too much" in text
    found = re.findall(r"(\w+): (mean|worst) cosine (\d\.\d{5}) \(at least (0\.9[97])\)", text)
    assert [one[:2] for one in found[:2]] == [("embedding", "mean"), ("embedding", "worst")]
    assert any(float(value) < float(least) for _, _, value, least in found)
    assert "over 256 texts; take another --dtype" in text


def test_without_outliers_the_same_checkpoint_passes(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bert", tmp_path / "plain")
    add_outliers(path, 4)  # channels as large as others
    assert all(one.enough for one in figures(path, Counting("onnx")))


def test_the_figures_are_remembered(outliers: Path, checkpoint: Checkpoints, tmp_path: Path) -> None:
    space = CacheSpace(tmp_path / "cache", 10**8)
    backend = Counting("onnx")
    first = figures(checkpoint("bert"), backend, space)
    assert backend.loaded == ["float32", "int8"]
    assert figures(checkpoint("bert"), backend, space) == first
    assert backend.loaded == ["float32", "int8"]
    for _ in range(2):  # a refusal as well
        with pytest.raises(SettingError):
            figures(outliers, backend, space)
    assert backend.loaded == ["float32", "int8"] * 2


def test_the_engine_refuses_outliers_and_serves_others(
    outliers: Path, checkpoint: Checkpoints, tmp_path: Path
) -> None:
    settings = Settings(models=(str(outliers),), dtype="int8", backend="onnx", cache_dir=tmp_path / "cache")
    with pytest.raises(SettingError, match="changes the answers too much"):
        build_engine(settings)
    model = Model.at(checkpoint("bert"))
    bid = installed()["onnx"].bid(model.card, detect(), Options("int8"))
    assert isinstance(bid, Bid)
    loaded = load(model.card, Choice(installed()["onnx"], bid), detect(), Options("int8"))
    encodings = model.encodings()
    rows, exact = model.run(loaded.replicas[0].session, encodings), model.run(model.load("onnx"), encodings)
    assert 0.99 < cosines(rows, exact).mean() < 0.9999999
    loaded.replicas[0].session.close()


def test_two_processes_that_start_at_once_share_one_cache(checkpoint: Checkpoints, tmp_path: Path) -> None:
    script = "import sys, vectord; vectord.open_engine(sys.argv[1], dtype='int8', backend='onnx').close()"
    command = [sys.executable, "-c", script, str(checkpoint("bert"))]
    env = environment(VECTORD_CACHE_DIR=str(tmp_path))
    with (
        Popen(command, env=env, stderr=PIPE, text=True) as one,
        Popen(command, env=env, stderr=PIPE, text=True) as other,
    ):
        for process in (one, other):
            _, errors = process.communicate(timeout=60)
            assert (process.returncode, errors) == (0, "")
    names = [path.name for path in tmp_path.iterdir()]
    assert len(names) == 3  # graphs in float32 and int8, and the figures
    assert all(len(name) == 64 for name in names)


def test_the_texts_are_of_ten_languages_and_every_length() -> None:
    texts, lengths = probe.texts(), probe.lengths()
    assert len(texts) == len(lengths) == len({*texts}) == 256
    assert (min(lengths), max(lengths)) == (4, 400)
    assert lengths == sorted(lengths)
    assert len(probe.languages()) == 10
    assert {len(sentences) for sentences in probe.languages()} == {26}
    scripts = {ord(language[0][0]) >> 7 for language in probe.languages()}
    assert len(scripts) >= 6
    assert all(len(text) >= 8 * length for text, length in zip(texts, lengths, strict=True))


def test_the_inputs_have_the_lengths_of_the_texts(checkpoint: Checkpoints) -> None:
    model = Model.at(checkpoint("bert"))
    lengths = [len(one) for one in gate.encodings(model.card, model.tokenizer)]
    assert lengths == [min(length, model.card.max_length) for length in probe.lengths()]
    pairs = Model.at(checkpoint("bert_rerank"))
    inputs = gate.encodings(pairs.card, pairs.tokenizer)
    assert max(len(one) for one in inputs) == 400
    assert all(one.type_ids.any() for one in inputs)  # there are two texts in each
    queries = [query for query, _ in probe.pairs()]
    held = [query in text for query, text in probe.pairs()]
    assert len({*queries}) > 100
    assert 0.3 < np.mean(held) < 0.7


def test_rank_correlation_is_spearmans() -> None:
    one = np.array([3.0, 1.0, 2.0, 2.0, 9.0])
    assert rank_correlation(one, np.exp(one)) == pytest.approx(1)
    assert rank_correlation(one, -one) == pytest.approx(-1)
    # by hand: ranks 4, 1, 2.5, 2.5, 5 and 1, 2, 3, 4, 5
    assert rank_correlation(one, np.arange(5.0)) == pytest.approx(0.359, abs=1e-3)


def test_cosines_of_nothing_and_of_no_number() -> None:
    zero, ones = np.zeros(3, np.float32), np.ones(3, np.float32)
    assert cosine(zero, zero) == 1
    assert cosine(zero, ones) == 0
    assert not Figure("worst cosine", cosine(ones, ones * np.float32(np.nan)), 0.97).enough


def test_long_work_is_told_after_two_seconds(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    clock: Iterator[float] = iter([0.0, 1.9, 2.1, 2.2, 4.2])
    monkeypatch.setattr("vectord.backends.progress.time.monotonic", lambda: next(clock))
    with caplog.at_level(logging.INFO):
        progress = Progress("checking", 10, "texts")
        for _ in range(4):
            progress.advance(2)
    assert [record.getMessage() for record in caplog.records] == [
        "checking: 4 of 10 texts",
        "checking: 8 of 10 texts",
    ]
