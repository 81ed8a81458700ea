"""Every head gives the reference answers on every backend, in any company and beside other outputs."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from tests.checkpoints import Shape, Style
from tests.checkpoints.heads import CLASSIFIERS, COLBERT, HEADS, POOLED, SPLADE
from tests.shared import Checkpoints
from vectord.core import Session

from .asked import Asked, all_asked, run
from .running import BACKENDS, Model, farthest

# these differ from what the parity of families covers in one word of a file
ALIKE = {**POOLED, **CLASSIFIERS}
RESAVED = (*SPLADE, *COLBERT, "bert_ner", "roberta_multi", "qwen3_yes_no")
CASES: list[tuple[str, Shape, Style]] = [
    *((family, "small", "published") for family in HEADS),
    *((family, "odd", "published") for family in HEADS if family not in ALIKE),
    *((family, "small", "resaved") for family in RESAVED),
]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A checkpoint on a backend, and what it is asked."""

    session: Session
    asked: list[Asked]

    def check(self, chosen: list[tuple[Asked, int]]) -> None:
        """One batch of these inputs, asked for every output, gives the right answers."""
        outputs = sorted({asked.output for asked in self.asked})
        found = run(self.session, [asked.encodings[index] for asked, index in chosen], outputs)
        for (asked, index), rows in zip(chosen, found, strict=True):
            got = asked.read(rows[asked.output], asked.encodings[index])
            assert farthest(got, asked.answers[index]) <= 1e-4, (asked.output, index)


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def model(request: pytest.FixtureRequest, checkpoint: Checkpoints) -> Model:
    return Model.at(checkpoint(*request.param))


@pytest.fixture(scope="module")
def asked(model: Model) -> list[Asked]:
    return all_asked(model)


@pytest.fixture(scope="module", params=BACKENDS)
def loaded(request: pytest.FixtureRequest, model: Model, asked: list[Asked]) -> Iterator[Loaded]:
    session = model.load(request.param)
    yield Loaded(session, asked)
    session.close()


def test_each_input_alone_asked_for_one_output(loaded: Loaded) -> None:
    for asked in loaded.asked:
        for encoding, answer in zip(asked.encodings, asked.answers, strict=True):
            [rows] = run(loaded.session, [encoding], [asked.output])
            assert rows[asked.output].dtype == np.float32
            assert farthest(asked.read(rows[asked.output], encoding), answer) <= 1e-4


def test_all_inputs_in_one_batch_asked_for_every_output(loaded: Loaded) -> None:
    loaded.check([(asked, index) for asked in loaded.asked for index in range(len(asked.encodings))])


def test_random_batches(loaded: Loaded) -> None:
    random = np.random.default_rng(0)
    everything = [(asked, index) for asked in loaded.asked for index in range(len(asked.encodings))]
    for size in (2, 3, 7):
        loaded.check([everything[index] for index in random.integers(0, len(everything), size)])
