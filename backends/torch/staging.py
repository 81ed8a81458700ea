"""What goes to the device and what comes back: one copy up, one wait down, through pinned memory on CUDA."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

Name = TypeVar("Name")


def upload(rows: Mapping[Name, NDArray[np.integer]], device: torch.device) -> dict[Name, torch.Tensor]:
    """Bring rows of integers to the device as int32, all in one copy that nobody waits for.

    torch keeps pinned memory that a copy still reads until it is done.
    """
    sizes = [row.size for row in rows.values()]
    staged = torch.empty(sum(sizes), dtype=torch.int32, pin_memory=device.type == "cuda")
    parts = staged.split(sizes)
    for part, row in zip(parts, rows.values(), strict=True):
        part.numpy()[:] = row
    return dict(zip(rows, staged.to(device, non_blocking=True).split(sizes), strict=True))


def download(arrays: Mapping[Name, torch.Tensor]) -> dict[Name, NDArray[np.float32]]:
    """Return what the device computed, after one wait for all of it; other threads run meanwhile."""
    ahead = {name: _copy(array) for name, array in arrays.items()}
    for device in {array.device for array in arrays.values() if array.is_cuda}:
        with torch.cuda.device(device):
            done = torch.cuda.Event(blocking=True)
            done.record()
            done.synchronize()
    return {name: array.numpy() for name, array in ahead.items()}


def _copy(array: torch.Tensor) -> torch.Tensor:
    if not array.is_cuda:
        return array
    out = torch.empty(array.shape, dtype=array.dtype, pin_memory=True)
    return out.copy_(array, non_blocking=True)
