"""The stack on which a thread's signal handlers run (sigaltstack(2)), kept as it was.

OpenVINO's CPU plugin gives the thread that makes it a stack of its own, so that AMX may be asked for, and
unmaps that when the plugin goes. A plugin that goes on another thread, or not before one that was made
later, leaves a thread with a stack that is no more: the next signal that Python handles there, a SIGTERM in
the main thread, ends the process with a segmentation fault. AMX has been asked for by the time a model is
compiled, and a stack that is no longer the plugin's own is not touched by it.
"""

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Stack(ctypes.Structure):
    """stack_t of Linux' signal.h."""

    _fields_ = (("ss_sp", ctypes.c_void_p), ("ss_flags", ctypes.c_int), ("ss_size", ctypes.c_size_t))


@contextmanager
def signal_stack_kept() -> Iterator[None]:
    """Give this thread back the stack for signals that it has now."""
    if sys.platform != "linux":
        yield
        return
    before = signal_stack()
    try:
        yield
    finally:
        # a stack that is too small for AMX is refused, where it is at hand; then the plugin's own stays
        ctypes.CDLL(None).sigaltstack(ctypes.byref(before), None)


def signal_stack() -> Stack:
    """Return the stack that this thread has for signals, on Linux."""
    found = Stack()
    ctypes.CDLL(None).sigaltstack(None, ctypes.byref(found))
    return found
