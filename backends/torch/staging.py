"""What goes to the device and what comes back: one copy up, one wait down, through pinned memory on CUDA."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

Name = TypeVar("Name")


def on(device: torch.device) -> AbstractContextManager[object]:
    """Return a context in which CUDA's calls mean this device."""
    return torch.cuda.device(device) if device.type == "cuda" else nullcontext()


def stage(rows: Mapping[Name, NDArray[np.integer]], device: torch.device) -> torch.Tensor:
    """Return all rows side by side as int32, in memory that the device reads by itself.

    torch keeps pinned memory that a copy still reads until it is done.
    """
    whole = torch.empty(sum(map(len, rows.values())), dtype=torch.int32, pin_memory=device.type == "cuda")
    for part, row in zip(parts(whole, rows).values(), rows.values(), strict=True):
        part.numpy()[:] = row
    return whole


def parts(whole: torch.Tensor, rows: Mapping[Name, NDArray[np.integer]]) -> dict[Name, torch.Tensor]:
    """Return views of what was staged, one for each row."""
    return dict(zip(rows, whole.split([len(row) for row in rows.values()]), strict=True))


def upload(rows: Mapping[Name, NDArray[np.integer]], device: torch.device) -> dict[Name, torch.Tensor]:
    """Bring rows of integers to the device as int32, all in one copy that nobody waits for."""
    return parts(stage(rows, device).to(device, non_blocking=True), rows)


class Download(Generic[Name]):
    """What a device computed, on its way to the host."""

    def __init__(self, arrays: Mapping[Name, torch.Tensor], device: torch.device) -> None:
        self._ahead = {name: _copy(array) for name, array in arrays.items()}
        self._done: torch.cuda.Event | None = None
        if device.type == "cuda":
            with on(device):
                self._done = torch.cuda.Event(blocking=True)  # whoever waits leaves the core to others
                self._done.record()

    def wait(self) -> dict[Name, NDArray[np.float32]]:
        """Return all of it once it is there."""
        if self._done is not None:
            self._done.synchronize()
        return {name: array.numpy() for name, array in self._ahead.items()}


def _copy(array: torch.Tensor) -> torch.Tensor:
    if not array.is_cuda:
        return array
    out = torch.empty(array.shape, dtype=array.dtype, pin_memory=True)
    return out.copy_(array, non_blocking=True)
