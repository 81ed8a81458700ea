"""Weights as views of the mapped safetensors: nothing is copied until somebody needs another form."""

import mmap
from collections.abc import Iterable
from dataclasses import replace
from math import prod
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

from vectord.core import StoredTensor

# safetensors' words for the element types that weights come in
ELEMENT: dict[str, np.dtype[Any]] = {
    "F32": np.dtype(np.float32),
    "F16": np.dtype(np.float16),
    "BF16": np.dtype(ml_dtypes.bfloat16),
}
# what vectord itself writes beside them; a checkpoint that comes in it is refused
QUANTISED: dict[str, np.dtype[Any]] = {"I8": np.dtype(np.int8)}


def view(tensor: StoredTensor) -> NDArray[Any]:
    """Return the tensor in its stored type, as a view of the mapped file; writes would stay private."""
    kind = {**ELEMENT, **QUANTISED}[tensor.dtype]
    return np.memmap(tensor.file, kind, "c", tensor.offset, tensor.shape)


def forget_pages(arrays: Iterable[NDArray[Any]]) -> None:
    """Give mapped weights' pages back to the system; whoever reads them again gets them from the file.

    For after a runtime has made its own packed copy.
    """
    for array in arrays:
        mapped = getattr(array, "_mmap", None)
        if mapped is not None and hasattr(mmap, "MADV_DONTNEED"):
            mapped.madvise(mmap.MADV_DONTNEED)


def part(tensor: StoredTensor, index: int, of: int) -> StoredTensor:
    """Return one of `of` equal runs of a tensor's rows, which are contiguous in the file."""
    shape = (tensor.shape[0] // of, *tensor.shape[1:])
    step = prod(shape) * ELEMENT[tensor.dtype].itemsize if tensor.dtype in ELEMENT else 0
    return replace(tensor, offset=tensor.offset + index * step, shape=shape)


def float32(tensor: StoredTensor) -> NDArray[np.float32]:
    """Return the tensor as float32: a view where it is stored so, a copy otherwise."""
    return view(tensor).astype(np.float32, copy=False)
