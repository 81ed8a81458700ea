"""Whether a runtime failed for want of memory: each has its own words for it.

OpenVINO is missing: asked for more than there is it gave no error that could be told from others.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from vectord.core import OutOfMemory

SAYINGS = (
    "DefaultCPUAllocator: can't allocate memory",  # torch, alloc_cpu.cpp
    "Failed to allocate memory for requested buffer",  # ONNX Runtime, bfc_arena.cc
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
)


def short_of_memory(error: Exception) -> bool:
    """Whether an error says that memory could not be had."""
    # torch's own class has no other name, and torch need not be imported for it
    named = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    return named or any(saying in str(error) for saying in SAYINGS)


def first_line(error: Exception) -> str:
    """Return what fits in a line of the log."""
    return str(error).strip().split("\n")[0]


@contextmanager
def telling_memory() -> Iterator[None]:
    """Raise `OutOfMemory` in place of the runtime's own error."""
    try:
        yield
    except Exception as error:
        if not short_of_memory(error):
            raise
        traceback.clear_frames(error.__traceback__)  # which hold what the run had so far
        raise OutOfMemory(first_line(error)) from None
