"""Matrices in 8 bits as a safetensors file, written one by one."""

import json
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from vectord.core import StoredTensor

from .progress import counted
from .quantise import PARTS, matrix_of, part_name
from .weights import quantised

WORDS = {"int8": "I8", "float32": "F32"}  # numpy's words to safetensors'
ALIGNMENT = 64


def write_matrices(file: Path, names: Mapping[str, tuple[StoredTensor, ...]]) -> None:
    """Write all parts of the matrices that these names are of; one matrix is in memory at a time."""
    matrices = {matrix_of(name): parts for name, parts in names.items()}
    header = layout(matrices)
    head = json.dumps(header).encode()
    head += b" " * (-(len(head) + 8) % ALIGNMENT)
    with file.open("wb") as stream:
        stream.write(len(head).to_bytes(8, "little") + head)
        for made in counted(quantised(names), "quantising", len(matrices), "matrices"):
            for name, array in made.items():
                stream.seek(8 + len(head) + header[name]["data_offsets"][0])
                stream.write(array.tobytes())


def layout(matrices: Mapping[str, tuple[StoredTensor, ...]]) -> dict[str, dict[str, Any]]:
    """Return the header: wider elements lie first, so that all are aligned."""
    header: dict[str, dict[str, Any]] = {}
    offset = 0
    for part, made in sorted(PARTS.items(), key=lambda item: -np.dtype(item[1].kind).itemsize):
        element = np.dtype(made.kind)
        for matrix, parts in matrices.items():
            shape = made.shape(sum(one.shape[0] for one in parts), parts[0].shape[1])
            end = offset + prod(shape) * element.itemsize
            header[part_name(matrix, part)] = {
                "dtype": WORDS[element.name],
                "shape": shape,
                "data_offsets": [offset, end],
            }
            offset = end
    return header
