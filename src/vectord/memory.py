"""How the C library keeps memory: what large answers need is asked of the kernel once, and not each time."""

import ctypes
import platform

# glibc's words, malloc.h
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
KEPT = 64 * 1024 * 1024  # bytes that stay when they are free, for each arena
LARGE = 16 * 1024 * 1024  # bytes; what is larger is the kernel's again at once, as weights should be


def keep_memory() -> None:
    """Keep freed memory for the next answer.

    Measured: the kernel's work of handing out fresh pages was a third of the CPU time of a request of
    256 inputs. Does nothing where the C library is not glibc.
    """
    if platform.libc_ver()[0] == "glibc":
        libc = ctypes.CDLL(None)
        libc.mallopt(TRIM_THRESHOLD, KEPT)
        libc.mallopt(MMAP_THRESHOLD, LARGE)
