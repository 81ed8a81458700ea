"""The cache of answers: bounded, exact, and of each model alone."""

import numpy as np

from vectord.scheduler import Repeats
from vectord.scheduler.job import key_of
from vectord.scheduler.pieces import Sparse
from vectord.scheduler.repeats import weight

from .fakes import FakeSession, card, encoding, engine, serve

ROWS = np.arange(40, dtype=np.float32).reshape(4, 10)


async def test_what_came_before_does_not_run_again() -> None:
    session = FakeSession()
    served = serve(session)
    served.repeats = Repeats(1_000_000)
    async with engine(served) as door:
        first = await door.embed(["abc", "de"], normalize=False)
        again = await door.embed(["fgh", "abc", "de"], normalize=False)
        assert [len(batch) for batch in session.batches] == [2, 1]
    assert (again.vectors[1:] == first.vectors).all()
    assert again.vectors[0, 1] == 3
    assert (again.tokens, served.hits) == (8, 2)


async def test_two_models_do_not_share_answers() -> None:
    sessions = FakeSession(), FakeSession()
    repeats = Repeats(1_000_000)
    one, other = (
        serve(session, card(name, fingerprint=name)) for session, name in zip(sessions, "ab", strict=True)
    )
    one.repeats = other.repeats = repeats
    async with engine(one, other) as door:
        for model in ("a", "b", "a"):
            await door.embed(["abc"], model=model)
        assert [len(session.batches) for session in sessions] == [1, 1]


def test_it_keeps_to_its_bound_and_lets_the_oldest_go() -> None:
    keys = [key_of(encoding(8)) for _ in range(6)]
    each = weight(keys[0], {"embedding": ROWS[0].copy()})
    repeats = Repeats(3 * each)
    for key in keys[:3]:
        repeats.put("m", key, {"embedding": ROWS[0]})
    assert repeats.get("m", keys[0], ["embedding"]) is not None
    repeats.put("m", keys[3], {"embedding": ROWS[1]})
    held = [repeats.get("m", key, ["embedding"]) is not None for key in keys]
    assert held == [True, False, True, True, False, False]
    assert repeats.size == 3 * each
    repeats.put("m", keys[4], {"embedding": np.zeros(10_000, np.float32)})
    assert repeats.size == 0


def test_it_holds_no_batch_and_adds_outputs() -> None:
    repeats, key = Repeats(10_000), key_of(encoding(8))
    repeats.put("m", key, {"embedding": ROWS[1]})
    assert repeats.get("m", key, ["embedding", "sparse"]) is None
    repeats.put("m", key, {"sparse": Sparse(np.array([3], np.int32), np.array([0.5], np.float32))})
    found = repeats.get("m", key, ["embedding", "sparse"])
    assert found is not None
    row = found["embedding"]
    assert isinstance(row, np.ndarray)
    assert row.base is None
    assert (row == ROWS[1]).all()
    assert repeats.size == weight(key, found)
