"""The one kernel for a whole row, and recorded graphs, on CPUs: a stand-in attends, and a graph reruns.

What a recording on CUDA keeps is kept here too: the tensors that it reads and the one that it leaves.
"""

import logging
from collections.abc import Callable

import numpy as np
import pytest
import torch

from tests.checkpoints import FAMILIES
from tests.shared import Checkpoints
from vectord.backends.torch import attend, network
from vectord.backends.torch.graphs import SLOTS, STEPS
from vectord.backends.torch.record import Replay
from vectord.backends.torch.session import TorchSession
from vectord.core import Alibi, Batch, Bid, Buckets, Disentangled, Encoding, Experts, OwnLength, Session

from .kernel import stand_in
from .running import Model, farthest


class Rerun:
    """Records by remembering what was run; `room` graphs find room."""

    def __init__(self, room: int = len(STEPS), off: float = 0.0) -> None:
        self.room, self.off = room, off
        self.replayed = 0

    @property
    def has_room(self) -> bool:
        return self.room > 0

    def record(self, run: Callable[[], torch.Tensor]) -> tuple[torch.Tensor, Replay]:
        self.room -= 1
        answers = run()

        def replay() -> None:
            self.replayed += 1
            answers.copy_(run() + self.off)

        return answers, replay


@pytest.fixture(autouse=True)
def kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the CPU have the kernel."""
    monkeypatch.setattr(attend, "varlen_attn", stand_in)
    monkeypatch.setattr(network, "varlen_fits", lambda *_: True)


def opened(model: Model, recorder: Rerun | None = None) -> TorchSession:
    return TorchSession(model.card, Bid(1, "float32", "", padding=0.0), recorder)


def drawn(model: Model, *lengths: int) -> list[Encoding]:
    random = np.random.default_rng(sum(lengths))
    rows = [random.integers(3, model.card.network.vocab_size, length).astype(np.int32) for length in lengths]
    return [Encoding(row, np.zeros_like(row)) for row in rows]


@pytest.mark.parametrize("family", FAMILIES)
def test_one_kernel_for_the_row_gives_the_reference_answers(checkpoint: Checkpoints, family: str) -> None:
    model = Model.at(checkpoint(family))
    session, encodings, answers = opened(model), model.encodings(), model.answers()
    assert farthest(model.run(session, encodings), answers) <= 1e-4
    assert farthest(model.alone(session, encodings), answers) <= 1e-4


@pytest.mark.parametrize("family", FAMILIES)
def test_a_graph_gives_what_the_network_gives(checkpoint: Checkpoints, family: str) -> None:
    model, recorder = Model.at(checkpoint(family)), Rerun()
    plain, session = opened(model), opened(model, recorder)
    assert recordable(model) == bool(recorder.replayed)
    if not recorder.replayed:
        return
    for number in range(2):  # what one run left behind must not show in the next
        for lengths in [(1,), (16,), (5, 1, 5), (3,) * SLOTS, (30, 2, 90)]:
            encodings, before = drawn(model, *lengths), recorder.replayed
            given = [Encoding((one.token_ids + number) % 50 + 3, one.type_ids) for one in encodings]
            assert farthest(model.run(session, given), model.run(plain, given)) <= 1e-5
            assert recorder.replayed == before + 1


def recordable(model: Model) -> bool:
    """Whether the host decides nothing: no other scores than the kernel's, no experts, no own rotations."""
    arch, head = model.card.arch, model.card.head
    special = any(
        isinstance(layer.attention.position, Alibi | Buckets | Disentangled)
        or layer.attention.softcap is not None
        or isinstance(layer.mlp, Experts)
        or isinstance(getattr(layer.attention.position, "stretch", None), OwnLength)
        for layer in arch.layers
    )
    return not special and not head.token_dense


def test_others_run_without(checkpoint: Checkpoints) -> None:
    model, recorder = Model.at(checkpoint("bert")), Rerun()
    session, plain = opened(model, recorder), opened(model)
    longest = model.card.max_length
    for lengths in [(3,) * (SLOTS + 1), (longest,) * 5]:
        before = recorder.replayed
        encodings = drawn(model, *lengths)
        assert farthest(model.run(session, encodings), model.run(plain, encodings)) <= 1e-5
        assert recorder.replayed == before


def test_padding_that_has_more_tokens_than_positions_is_not_run(checkpoint: Checkpoints) -> None:
    model = Model.at(checkpoint("bert"))
    session = opened(model, Rerun())
    for count in range(1, SLOTS + 1):
        for tokens in range(count, min(STEPS[-1], model.card.max_length)):
            batch = Batch.of(drawn(model, *[1] * (count - 1), tokens - count + 1))
            assert session._graphs is not None
            step = session._graphs.step_for(batch)
            if step is not None:
                filled = session._graphs._filled(batch, step)
                assert filled.longest <= model.card.max_length
                assert (len(filled), filled.tokens) == (SLOTS + 1, step + SLOTS)
                assert filled.lengths.min() >= 1


def test_only_what_finds_room_is_recorded(checkpoint: Checkpoints) -> None:
    model, recorder = Model.at(checkpoint("modernbert")), Rerun(room=2)
    session = opened(model, recorder)
    assert session._graphs is not None
    assert len(session._graphs) == 2
    before, encodings = recorder.replayed, drawn(model, 3)
    assert farthest(model.run(session, encodings), model.run(opened(model), encodings)) <= 1e-5
    assert recorder.replayed == before  # the largest were recorded first, and this is for a small one


class Broken(Rerun):
    """Cannot record."""

    def record(self, run: Callable[[], torch.Tensor]) -> tuple[torch.Tensor, Replay]:
        raise RuntimeError("operation not permitted when stream is capturing\nCUDA kernel errors might")


@pytest.mark.parametrize(
    ("recorder", "why"),
    [(Rerun(off=0.5), "off"), (Rerun(off=np.nan), "off"), (Broken(), "not permitted when stream")],
    ids=["wrong", "nan", "broken"],
)
def test_graphs_that_fail_are_done_without(
    checkpoint: Checkpoints, recorder: Rerun, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    model = Model.at(checkpoint("bert"))
    with caplog.at_level(logging.WARNING):
        session: Session = opened(model, recorder)
    [line] = [one for one in caplog.messages if "without CUDA graphs" in one]
    assert why in line
    assert "\n" not in line
    encodings = model.encodings()
    assert farthest(model.run(session, encodings), model.run(opened(model), encodings)) == 0
