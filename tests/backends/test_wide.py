"""The session on all cores: which models get one, and that it answers as the others do."""

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.shared import Checkpoints
from vectord import compose, open_engine
from vectord.hardware import detect

SEVERAL = pytest.mark.skipif(detect().cores < 2, reason="one core is what every session has")


@SEVERAL
@pytest.mark.parametrize("backend", ["onnx", "openvino"])
async def test_it_answers_as_the_others_do(checkpoint: Checkpoints, backend: str) -> None:
    texts = [f"{'word ' * (number % 23)}{number}" for number in range(20)]
    path = str(checkpoint("bert"))
    async with open_engine(path, backend=backend, dtype="float32", wide="off") as engine:
        assert engine.served[0].loaded.wide is None
        wanted = (await engine.embed(texts)).vectors
    async with open_engine(path, backend=backend, dtype="float32", wide="on", threads=2) as engine:
        [served] = engine.served
        wide = served.loaded.wide
        assert wide is not None
        while wide._session is None:
            await engine.embed(["alone"])
        inner, ran = wide._session, []

        class Noted:
            def run(self, batch, outputs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
                ran.append(len(batch))
                return inner.run(batch, outputs)

            def close(self) -> None:
                inner.close()

        wide._session = Noted()
        found = []
        for text in texts:
            await asyncio.sleep(0.01)  # until the runner has put its core back
            found.append((await engine.embed([text])).vectors[0])
    assert sum(ran) >= len(texts) // 2
    np.testing.assert_allclose(np.stack(found), wanted, atol=1e-5)


@SEVERAL
@pytest.mark.parametrize(
    ("memory", "with_one"), [(0, []), (2**20, []), (64 * 5_000_000, ["one"]), (2**40, ["one", "two"])]
)
def test_auto_gives_one_to_models_that_are_small(
    checkpoint: Checkpoints,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    memory: int,
    with_one: list[str],
) -> None:
    monkeypatch.setattr(compose, "detect", lambda: replace(detect(), memory=memory))
    monkeypatch.setattr(compose, "packed_bytes", lambda card, bid: 4_000_000)
    file = tmp_path / "vectord.toml"
    table = f'[[model]]\npath = "{checkpoint("bert")}"\nbackend = "onnx"\n'
    file.write_text(f'{table}name = "one"\n{table}name = "two"\n{table}name = "never"\nwide = "off"\n')
    engine = open_engine(config=file)
    try:
        assert [one.name for one in engine.served if one.loaded.wide is not None] == with_one
    finally:
        engine.close()


def test_one_core_needs_none(checkpoint: Checkpoints) -> None:
    engine = open_engine(str(checkpoint("bert")), backend="onnx", threads=1, wide="on")
    try:
        assert engine.served[0].loaded.wide is None
    finally:
        engine.close()
