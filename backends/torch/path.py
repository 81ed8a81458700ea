"""Which way attention takes, decided from plain values without importing torch."""

from typing import Literal

from vectord.core import Alibi, Arch, Attention, Buckets, Disentangled, Dtype

# one kernel for the whole row; or calls for each run of equal lengths, since no such kernel has its scores
Path = Literal[
    "varlen kernel", "by length", "biased, by length", "capped, by length", "disentangled, by length"
]
Capability = tuple[int, int]  # of CUDA's devices; None: a CPU

AMPERE: Capability = (8, 0)  # the oldest with bfloat16 units and the flash kernel
LARGEST_HEAD = 256


def kernel_fits(capability: Capability | None, halves: bool, head_size: int) -> bool:
    """Whether the flash kernel behind torch's varlen attention takes these; `halves`: 16 bits."""
    able = capability is not None and capability >= AMPERE
    return able and halves and head_size % 8 == 0 and head_size <= LARGEST_HEAD


def path_of(attention: Attention, fits: bool) -> Path:
    """Return the way of one layer; `fits`: there is a kernel for its numbers."""
    if isinstance(attention.position, Disentangled):
        return "disentangled, by length"
    if attention.softcap is not None:
        return "capped, by length"
    if isinstance(attention.position, Alibi | Buckets):
        return "biased, by length"
    return "varlen kernel" if fits else "by length"


def described(arch: Arch, dtype: Dtype, capability: Capability | None) -> str:
    """Return the ways that a network's layers take."""
    each = [layer.attention for layer in arch.layers]
    halves = dtype in ("bfloat16", "float16")
    return " and ".join(
        dict.fromkeys(path_of(one, kernel_fits(capability, halves, one.head_size)) for one in each)
    )
