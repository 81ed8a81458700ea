"""How many sessions a model gets, what each gets of the bid, and that they answer alike."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.shared import Checkpoints
from vectord import open_engine
from vectord.backends.choice import Choice
from vectord.backends.replicas import how_many, parts
from vectord.core import Arrays, Batch, Bid, Hardware, ModelCard, Options, Output, Refusal, Session
from vectord.errors import SettingError, StartError
from vectord.hardware import detect
from vectord.load import load

from .running import BACKENDS, Model

CPU = Bid(1, "float32", "a fake", runners=4, threads=1)
CUDA = Bid(1, "float32", "a fake", device="cuda:1", devices=("cuda:1", "cuda:0", "cuda:3"))
SEVERAL = pytest.mark.skipif(detect().cores < 2, reason="each replica needs a core")


def shares(bid: Bid, count: int) -> list[tuple[int, int]]:
    return [(one.runners, one.threads) for one in parts(bid, count)]


def test_auto_is_one_session_on_cpus_and_one_on_each_device() -> None:
    assert how_many("auto", CPU, 8) == 1
    assert how_many("auto", CUDA, 8) == 3
    assert how_many("auto", CUDA, 2) == 2  # a runner holds a core


@pytest.mark.parametrize(("bid", "cores"), [(CPU, 8), (CUDA, 8)])
def test_what_is_asked_for_is_what_there_is(bid: Bid, cores: int) -> None:
    assert [how_many(asked, bid, cores) for asked in (1, 2, 3)] == [1, 2, 3]


def test_more_than_there_are_cores_or_devices_is_refused() -> None:
    with pytest.raises(SettingError, match="--replicas 9: each needs a core of its own, and there are 8"):
        how_many(9, CPU, 8)
    with pytest.raises(SettingError, match=r"a device of its own; .* are cuda:1, cuda:0, cuda:3"):
        how_many(4, CUDA, 8)


def test_runners_and_threads_are_shared() -> None:
    assert shares(CPU, 1) == [(4, 1)]
    assert shares(CPU, 2) == [(2, 1), (2, 1)]
    assert shares(CPU, 3) == [(2, 1), (1, 1), (1, 1)]
    wide = replace(CPU, runners=1, threads=8)
    assert shares(wide, 3) == [(1, 2)] * 3
    assert shares(replace(wide, threads=1), 2) == [(1, 1)] * 2


def test_devices_get_the_whole_bid_each() -> None:
    wanted = [replace(CUDA, device=device) for device in CUDA.devices[:2]]
    assert list(parts(CUDA, 2)) == wanted


class Devices:
    """A backend of several devices; its third one is broken if asked for."""

    name = "devices"

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.closed: list[str] = []

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        return CUDA

    def load(self, card: ModelCard, bid: Bid) -> Session:
        if bid.device == "cuda:3":
            raise RuntimeError("out of memory")
        self.loaded.append(bid.device)
        return OneDevice(self, bid.device)


class OneDevice:
    def __init__(self, backend: Devices, device: str) -> None:
        self._backend, self._device = backend, device

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        return {name: np.ones((len(batch), 1), np.float32) for name in outputs}

    def close(self) -> None:
        self._backend.closed.append(self._device)


@pytest.fixture
def card(checkpoint: Checkpoints) -> ModelCard:
    return Model.at(checkpoint("bert")).card


def test_each_session_is_loaded_on_its_device(card: ModelCard, caplog: pytest.LogCaptureFixture) -> None:
    backend = Devices()
    with caplog.at_level("INFO", "vectord"):
        loaded = load(card, Choice(backend, CUDA), detect(), Options(), 2)
    assert backend.loaded == ["cuda:1", "cuda:0"]
    assert [one.bid.device for one in loaded.replicas] == backend.loaded
    assert loaded.runners == 2
    assert "on cuda:1 and cuda:0, 2 sessions, 2 x 1 threads" in caplog.text
    reopen = loaded.replicas[1].reopen
    assert reopen is not None
    reopen()
    assert backend.loaded == ["cuda:1", "cuda:0", "cuda:0"]


def test_where_one_cannot_be_loaded_the_others_are_let_go(card: ModelCard) -> None:
    backend = Devices()
    with pytest.raises(StartError, match="out of memory"):
        load(card, Choice(backend, CUDA), detect(), Options(), 3)
    assert backend.closed == backend.loaded == ["cuda:1", "cuda:0"]


@SEVERAL
@pytest.mark.parametrize("backend", BACKENDS)
async def test_several_sessions_answer_as_one_does(checkpoint: Checkpoints, backend: str) -> None:
    path = checkpoint("bert")
    texts = [f"{'word ' * (number % 23)}{number}" for number in range(60)]
    found = []
    for replicas in (1, 2):
        async with open_engine(str(path), backend=backend, dtype="float32", replicas=replicas) as engine:
            [served] = engine.served
            assert served.replicas == len({id(one.session) for one in served.loaded.replicas}) == replicas
            found.append((await engine.embed(texts)).vectors)
    np.testing.assert_allclose(found[0], found[1], atol=1e-5)


@SEVERAL
def test_a_models_own_table_has_its_own_number(checkpoint: Checkpoints, tmp_path: Path) -> None:
    file = tmp_path / "vectord.toml"
    table = f'[[model]]\npath = "{checkpoint("bert")}"\nbackend = "onnx"\n'
    file.write_text(f'{table}name = "one"\n{table}name = "two"\nreplicas = 2\n')
    engine = open_engine(config=file, threads=2)
    try:
        assert [one.replicas for one in engine.served] == [1, 2]
        assert [one.loaded.runners for one in engine.served] == [2, 2]
    finally:
        engine.close()
