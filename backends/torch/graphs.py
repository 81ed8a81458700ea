"""Small batches on CUDA as recorded graphs: the hundreds of kernels of a network start as one call.

A graph has fixed shapes, so there is one for each of a few numbers of tokens, with a fixed number of inputs.
A batch is filled up with inputs of padding, one token in each at least: the kernel of attention reads from
the device where inputs begin, and a slot without a token would have nothing to pool. What is recorded once
reads its rows from one place and leaves its answer in another, so one thread at a time queues a run; it is
the order of the stream that keeps the next run from overwriting what the last one has not brought home.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray

from vectord.core import Batch, Encoding

from .layout import Layout
from .record import Recorder, Replay
from .staging import Download, on, parts, stage

log = logging.getLogger("vectord.backends.torch")

# at most a third of a graph is padding, and beyond 512 tokens a network takes longer than its launches
STEPS = (16, 32, 48, 64, 96, 128, 192, 256, 384, 512)
SLOTS = 8
# from a layout and its rows on the device to one answer for each input
Forward = Callable[[Layout, Mapping[str, torch.Tensor]], torch.Tensor]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A graph, the rows (int32) that it reads and the answers (inputs, size) that it leaves."""

    rows: torch.Tensor
    answers: torch.Tensor
    replay: Replay


class Graphs:
    """The recorded graphs of a network, by their numbers of tokens."""

    def __init__(
        self, forward: Forward, recorder: Recorder, device: torch.device, longest: int, pad_id: int
    ) -> None:
        self._device, self._longest, self._pad_id = device, longest, pad_id
        self._lock = Lock()
        self._recorded: dict[int, Recorded] = {}
        for step in reversed(STEPS):  # the largest first: the others find room in its memory
            if step <= longest and recorder.has_room:
                self._recorded[step] = self._record(step, forward, recorder)

    def __len__(self) -> int:
        return len(self._recorded)

    def step_for(self, batch: Batch) -> int | None:
        """Return the tokens of the graph that takes a batch; None where none does."""
        if len(batch) > SLOTS or not (batch.seen == batch.lengths).all():
            return None
        step = next((step for step in STEPS if step >= batch.tokens), None)
        if step not in self._recorded or max(self._fillers(batch, step)) > self._longest:
            return None
        return step

    def run(self, batch: Batch, step: int) -> NDArray[np.float32]:
        """Return the answers of a batch by the graph of so many tokens."""
        layout = Layout.of(self._filled(batch, step))
        recorded, staged = self._recorded[step], stage(layout.rows, self._device)
        with self._lock, on(self._device):
            recorded.rows.copy_(staged, non_blocking=True)
            recorded.replay()
            download = Download({"answers": recorded.answers}, self._device)
        found = layout.unsorted(download.wait()["answers"], per_token=False)
        return found[: len(batch)]

    def _record(self, step: int, forward: Forward, recorder: Recorder) -> Recorded:
        ids = np.full(step, self._pad_id, np.int32)
        layout = Layout.of(self._filled(Batch.of([Encoding(ids, np.zeros_like(ids))]), step))
        rows = stage(layout.rows, self._device).to(self._device, copy=True)
        # the kernel is started for the longest input that there may be, and finds out how long each is
        widest = replace(layout, longest=step + SLOTS, most_keys=step + SLOTS)
        answers, replay = recorder.record(lambda: forward(widest, parts(rows, layout.rows)))
        return Recorded(rows, answers, replay)

    def _filled(self, batch: Batch, step: int) -> Batch:
        """Return a batch with padding behind it: `SLOTS` + 1 inputs of `step` + `SLOTS` tokens together."""
        fillers = np.array(self._fillers(batch, step), np.int32)
        rest = int(fillers.sum())
        return Batch(
            np.concatenate((batch.token_ids, np.full(rest, self._pad_id, np.int32))),
            np.concatenate((batch.type_ids, np.zeros(rest, np.int32))),
            np.concatenate((batch.lengths, fillers)),
            np.concatenate((batch.seen, fillers)),
            np.concatenate((batch.adapters, np.full(len(fillers), -1, np.int32))),
        )

    def _fillers(self, batch: Batch, step: int) -> list[int]:
        """Return the lengths of the inputs of padding: one at least, of a token at least."""
        count, rest = SLOTS + 1 - len(batch), step + SLOTS - batch.tokens
        return [rest // count + (index < rest % count) for index in range(count)]


def graphs(
    forward: Forward, recorder: Recorder, device: torch.device, longest: int, pad_id: int
) -> Graphs | None:
    """Record a network; None, with a line in the log, where that fails or gives other answers."""
    try:
        made = Graphs(forward, recorder, device, longest, pad_id)
        wrong = _difference(made, forward, device, longest)
    except Exception as error:  # whatever stands against it, batches still run without
        wrong = str(error).partition("\n")[0] or type(error).__name__
    if wrong is None:
        return made
    log.warning("small batches run without CUDA graphs: %s", wrong)
    return None


def _difference(made: Graphs, forward: Forward, device: torch.device, longest: int) -> str | None:
    """Return what is wrong with the answers of the graphs; None if they are those of the network itself."""
    for step in STEPS:
        ids = np.arange(1, 1 + min(step, longest) // 2, dtype=np.int32) % 97
        halves = [ids, ids[: max(1, len(ids) // 3)]]
        batch = Batch.of([Encoding(one, np.zeros_like(one)) for one in halves])
        taken = made.step_for(batch)
        if taken is None:
            continue
        layout = Layout.of(batch)
        rows = parts(stage(layout.rows, device).to(device), layout.rows)
        plain = Download({"answers": forward(layout, rows)}, device).wait()["answers"]
        wanted, found = layout.unsorted(plain, per_token=False), made.run(batch, taken)
        apart = float(np.linalg.norm(found - wanted) / (np.linalg.norm(wanted) + 1e-3))
        if not apart <= 0.02:
            return f"the graph of {taken} tokens is {apart:.2g} off"
    return None
