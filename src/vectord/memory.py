"""How the C library keeps memory: what large answers need is asked of the kernel once, and not each time."""

import ctypes
import platform

# glibc's words, malloc.h
TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8
KEPT = 32 * 1024 * 1024  # bytes that stay when they are free, in each arena
LARGE = 16 * 1024 * 1024  # bytes; what is larger is the kernel's again at once, as weights should be
ARENAS = 2  # of which each keeps its own; the interpreter's lock leaves little to contend for


def keep_memory() -> None:
    """Keep freed memory for the next answer.

    Measured: the kernel's work of handing out fresh pages was half of the CPU time of a request of 256
    inputs. Does nothing where the C library is not glibc.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(TRIM_THRESHOLD, KEPT)
        libc.mallopt(MMAP_THRESHOLD, LARGE)
        libc.mallopt(ARENA_MAX, ARENAS)
