"""Seconds by shape: what is fitted holds for shapes that were not seen, and what is learnt replaces it."""

import numpy as np
import pytest

from vectord.scheduler.cost import LATEST, REFIT, Cost, CostModel, fit

TRUE = Cost(0.002, 2e-5, 3e-9)
SEEN = [(1, 8), (1, 64), (4, 16), (2, 128), (4, 64)]
UNSEEN = [(1, 512), (16, 64), (3, 40), (30, 30), (1, 16)]


def timed(cost: Cost, shapes: list[tuple[int, int]], noise: float = 0.0) -> list[tuple[int, int, float]]:
    random = np.random.default_rng(0)
    return [(n, m, cost.seconds(n, m) * float(np.exp(noise * random.standard_normal()))) for n, m in shapes]


def test_it_finds_the_coefficients() -> None:
    found = fit(timed(TRUE, SEEN))
    for shape in UNSEEN:
        assert found.seconds(*shape) == pytest.approx(TRUE.seconds(*shape), rel=1e-6)


@pytest.mark.parametrize("cost", [Cost(0.0, 1e-4, 0.0), Cost(0.001, 0.0, 1e-7), Cost(0.05, 0.0, 0.0)])
def test_no_coefficient_is_negative(cost: Cost) -> None:
    found = fit(timed(cost, SEEN * 4, noise=0.3))
    assert min(found.batch, found.token, found.square) >= 0
    assert max(found.batch, found.token, found.square) > 0


def test_one_shape_is_enough_to_start() -> None:
    assert fit([(1, 64, 0.01)]).seconds(1, 64) == pytest.approx(0.01)


def test_noise_leaves_unseen_shapes_within_a_fifth() -> None:
    model = CostModel(timed(TRUE, SEEN))
    random = np.random.default_rng(1)
    for _ in range(300):
        length = int(random.integers(4, 300))
        count = int(random.integers(1, max(2, 1024 // length)))
        model.learn(
            count, length, TRUE.seconds(count, length) * float(np.exp(0.3 * random.standard_normal()))
        )
    errors = [abs(model.seconds(*shape) / TRUE.seconds(*shape) - 1) for shape in UNSEEN]
    assert np.median(errors) <= 0.2


def test_a_machine_that_turns_slow_is_followed() -> None:
    model = CostModel(timed(TRUE, SEEN))
    slow = Cost(3 * TRUE.batch, 3 * TRUE.token, 3 * TRUE.square)
    for index in range(LATEST + REFIT):
        model.learn(*timed(slow, [SEEN[index % len(SEEN)]])[0])
    assert model.seconds(16, 64) == pytest.approx(slow.seconds(16, 64), rel=0.05)
