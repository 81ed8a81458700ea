"""Adapters as data: each input of a batch names one, or none."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pytest

from tests.checkpoints import TEXTS, Shape
from tests.checkpoints.flash_float64 import network
from tests.checkpoints.own import read
from tests.shared import Checkpoints
from vectord.core import Encoding, Session

from .running import BACKENDS, Model, Rows, cosines, farthest

SHAPES: tuple[Shape, ...] = ("small", "odd")
COUNT = 3
# every adapter, and none, among inputs of every length
CHOSEN = [index % (COUNT + 1) - 1 for index in range(len(TEXTS))]


@dataclass(frozen=True, slots=True)
class Case:
    """A session, inputs that name adapters, and the right answers."""

    model: Model
    session: Session
    encodings: list[Encoding]
    answers: Rows

    def run(self, encodings: list[Encoding]) -> Rows:
        return self.model.run(self.session, encodings)


@pytest.fixture(scope="module", params=list(product(SHAPES, BACKENDS)), ids="-".join)
def case(request: pytest.FixtureRequest, checkpoint: Checkpoints) -> Iterator[Case]:
    shape, backend = request.param
    path = checkpoint("jina_v3_adapters", shape)
    model = Model.at(path)
    plain = model.tokenizer.encode(list(TEXTS), model.card.max_length)
    encodings = [replace(one, adapter=adapter) for one, adapter in zip(plain, CHOSEN, strict=True)]
    config = read(path / "config.json")
    networks = {adapter: network(path, config, None if adapter < 0 else adapter) for adapter in set(CHOSEN)}
    states = [
        networks[one.adapter](one.token_ids.astype(np.int64), one.type_ids.astype(np.int64))
        for one in encodings
    ]
    answers = np.stack([one.mean(0) for one in states]).astype(np.float32)
    session = model.load(backend)
    yield Case(model, session, encodings, answers)
    session.close()


def test_a_batch_of_all_of_them(case: Case) -> None:
    assert farthest(case.run(case.encodings), case.answers) <= 1e-4


def test_each_input_alone(case: Case) -> None:
    rows = np.concatenate([case.run([one]) for one in case.encodings])
    assert farthest(rows, case.answers) <= 1e-4


def test_they_make_a_difference(case: Case) -> None:
    text = case.encodings[3]
    rows = case.run([replace(text, adapter=adapter) for adapter in range(-1, COUNT)])
    for one, other in ((0, 1), (1, 2), (2, 3), (0, 3)):
        assert cosines(rows[one : one + 1], rows[other : other + 1])[0] < 0.99
