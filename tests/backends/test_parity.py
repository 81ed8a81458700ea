"""Every backend gives the reference answers for every family, whatever an input shares its batch with."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest

from tests.checkpoints import FAMILIES, Shape, Style
from tests.shared import Checkpoints
from vectord.core import Encoding, Session
from vectord.hardware import detect

from .running import BACKENDS, Device, Model, Rows, cosines, farthest

SHAPES: tuple[Shape, ...] = ("small", "odd")
STYLES: tuple[Style, ...] = ("published", "resaved")
CASES = list(product(FAMILIES, SHAPES, STYLES))
EMBEDDERS = ("bert", "modernbert", "qwen3")


@dataclass(frozen=True, slots=True)
class Case:
    """A checkpoint, inputs for it and the right answers."""

    model: Model
    encodings: list[Encoding]
    answers: Rows


@dataclass(frozen=True, slots=True)
class Loaded:
    """A case on a backend, with its answers for each input alone."""

    case: Case
    session: Session
    alone: Rows

    def run(self, *chosen: int) -> Rows:
        return self.case.model.run(self.session, [self.case.encodings[index] for index in chosen])


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def case(request: pytest.FixtureRequest, checkpoint: Checkpoints) -> Case:
    model = Model.at(checkpoint(*request.param))
    return Case(model, model.encodings(), model.answers())


@pytest.fixture(scope="module", params=BACKENDS)
def loaded(request: pytest.FixtureRequest, case: Case) -> Iterator[Loaded]:
    session = case.model.load(request.param)
    yield Loaded(case, session, case.model.alone(session, case.encodings))
    session.close()


def test_the_inputs_are_of_many_lengths(case: Case) -> None:
    lengths = [len(one) for one in case.encodings]
    assert min(lengths) <= 15
    assert max(lengths) > 100
    assert max(lengths) <= case.model.card.max_length
    assert len(set(lengths)) >= 8


def test_each_input_alone(loaded: Loaded) -> None:
    assert loaded.alone.dtype == np.float32
    assert farthest(loaded.alone, loaded.case.answers) <= 1e-4


def test_all_inputs_in_one_batch(loaded: Loaded) -> None:
    rows = loaded.run(*range(len(loaded.case.encodings)))
    assert farthest(rows, loaded.case.answers) <= 1e-4
    assert farthest(rows, loaded.alone) < 1e-5


def test_random_batches(loaded: Loaded) -> None:
    random = np.random.default_rng(0)
    for size in (2, 3, 7, 16):
        chosen = random.integers(0, len(loaded.case.encodings), size)
        assert farthest(loaded.run(*chosen), loaded.alone[chosen]) < 1e-5


def test_the_same_batch_gives_the_same_bits(loaded: Loaded) -> None:
    batch = (3, 0, 8, 3)
    np.testing.assert_array_equal(loaded.run(*batch), loaded.run(*batch))


@pytest.mark.parametrize("backend", ["onnx", "openvino"])
def test_runners_do_not_disturb_each_other(checkpoint: Checkpoints, backend: str) -> None:
    model = Model.at(checkpoint("bert"))
    session, encodings = model.load(backend, threads=2), model.encodings()
    wanted = [model.run(session, [one]) for one in encodings]
    with ThreadPoolExecutor(2) as pool:
        rows = list(pool.map(lambda index: model.run(session, [encodings[index]]), [*range(len(wanted))] * 5))
    np.testing.assert_array_equal(np.concatenate(rows), np.concatenate(wanted * 5))


@pytest.mark.skipif(not detect().native_bfloat16, reason="this CPU does not multiply bfloat16 itself")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("family", EMBEDDERS)
def test_bfloat16_on_openvino(checkpoint: Checkpoints, family: str, shape: Shape) -> None:
    model = Model.at(checkpoint(family, shape))
    session, encodings, answers = model.load("openvino", "bfloat16"), model.encodings(), model.answers()
    # random networks amplify rounding: transformers' own bfloat16 leaves 0.999 on a text here and there
    allowed = np.maximum(0.001, 2 * (1 - cosines(model.answers("bfloat16"), answers)))
    together, alone = model.run(session, encodings), model.alone(session, encodings)
    assert np.all(1 - cosines(together, answers) <= allowed)
    assert np.all(1 - cosines(alone, answers) <= allowed)
    assert np.all(1 - cosines(together, alone) <= allowed)
    assert np.median(cosines(together, answers)) >= 0.9995


@pytest.mark.skipif(
    Device.asked is None and not detect().native_bfloat16, reason="this CPU does not multiply bfloat16 itself"
)
@pytest.mark.parametrize("backend", ["torch"])
@pytest.mark.parametrize("family", FAMILIES)
def test_bfloat16_in_packed_rows(checkpoint: Checkpoints, family: str, backend: str) -> None:
    model = Model.at(checkpoint(family))
    session, encodings, answers = model.load(backend, "bfloat16"), model.encodings(), model.answers()
    together, alone = model.run(session, encodings), model.alone(session, encodings)
    if model.card.head.output == "embedding":
        assert (
            np.min(cosines(together, answers)) >= 0.9985
        )  # a windowed random network leaves 0.999 by itself
        assert np.median(cosines(together, answers)) >= 0.9995
        assert np.min(cosines(together, alone)) >= 0.9999
    else:
        spread = np.abs(answers).max()
        assert farthest(together, answers) <= 0.05 * spread
        assert farthest(together, alone) <= 0.05 * spread
