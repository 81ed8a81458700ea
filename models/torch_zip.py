"""Tensors of a file that `torch.save` wrote, found without running its pickle.

Such a file is a zip whose members `…/data/0`, `…/data/1` … are the raw little-endian elements, stored
uncompressed, so that a tensor can be mapped in place. The pickle beside them is only searched for the
name of an element type; it is never loaded.
"""

import zipfile
from math import prod
from pathlib import Path

from vectord.core import StoredTensor
from vectord.errors import CheckpointError

# torch's storage classes, and safetensors' words for their elements
STORAGES = {b"FloatStorage": "F32", b"HalfStorage": "F16", b"BFloat16Storage": "BF16"}
ITEM_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
LOCAL_HEADER = 30  # bytes before the name; the last four say how long name and extra field are


def linear_of(file: Path, name: str, out_size: int, in_size: int) -> dict[str, StoredTensor]:
    """Return weight and bias of the one linear layer in a file, under our name. Raises `CheckpointError`."""
    try:
        with zipfile.ZipFile(file) as archive:
            dtype = element_type(archive)
            members = [one for one in archive.infolist() if "/data/" in one.filename]
            found = {one.file_size: data_offset(file, one) for one in members}
    except (OSError, zipfile.BadZipFile, StopIteration, KeyError) as error:
        raise CheckpointError(f"{file} is not a file of torch.save: {error}; fetch it again") from None
    shapes = {"weight": (out_size, in_size), "bias": (out_size,)}
    tensors = {}
    for word, shape in shapes.items():
        size = prod(shape) * ITEM_BYTES[dtype]
        if size not in found or len(found) != len(shapes):
            raise CheckpointError(
                f"{file} holds no linear layer from {in_size} to {out_size} values: fetch it again"
            )
        tensors[f"{name}.{word}"] = StoredTensor(file, found[size], dtype, shape)
    return tensors


def element_type(archive: zipfile.ZipFile) -> str:
    """Return the one element type that the pickle names."""
    pickle = archive.read(next(name for name in archive.namelist() if name.endswith("/data.pkl")))
    named = {word for storage, word in STORAGES.items() if b"torch\n" + storage + b"\n" in pickle}
    if len(named) != 1:
        raise KeyError("it does not hold elements of one float type")
    return named.pop()


def data_offset(file: Path, member: zipfile.ZipInfo) -> int:
    """Return where a member's bytes begin in the file."""
    if member.compress_type != zipfile.ZIP_STORED:
        raise KeyError("its members are compressed")
    with file.open("rb") as stream:
        stream.seek(member.header_offset)
        header = stream.read(LOCAL_HEADER)
    return (
        member.header_offset
        + LOCAL_HEADER
        + int.from_bytes(header[26:28], "little")
        + int.from_bytes(header[28:30], "little")
    )
