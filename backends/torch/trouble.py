"""What torch's errors mean: memory was short, the device is lost, or one batch was bad."""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from vectord.core import DeviceLost, OutOfMemory

from ..allocation import first_line, short_of_memory


@contextmanager
def telling(device: torch.device) -> Iterator[None]:
    """Raise `OutOfMemory` or `DeviceLost` in place of torch's own error, where it means that.

    What the failed run held is freed first, and the allocator's cache with it: another process, or another
    model of this one, may be what needs it.
    """
    try:
        yield
    except Exception as error:
        traceback.clear_frames(error.__traceback__)  # their tensors are the batch's memory
        if short_of_memory(error):
            empty_cache(device)
            raise OutOfMemory(first_line(error)) from None
        if of_device(error) and not answers(device):
            raise DeviceLost(f"{device}: {first_line(error)}") from None
        raise


def empty_cache(device: torch.device) -> None:
    """Give memory that torch keeps for later back to the device; nothing to do on a CPU."""
    if device.type == "cuda":
        torch.cuda.empty_cache()


def of_device(error: Exception) -> bool:
    """Whether an error came from the device and not from the call."""
    return isinstance(error, torch.AcceleratorError) or "CUDA error" in str(error)


def answers(device: torch.device) -> bool:
    """Whether the device still computes: after most errors of a kernel no call of the process works again."""
    try:
        return float((torch.ones(1, device=device) + 1).cpu()) == 2.0
    except Exception:  # any way of failing is the answer
        return False
