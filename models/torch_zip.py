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

from .config import brief

# torch's storage classes, and safetensors' words for their elements
STORAGES = {b"FloatStorage": "F32", b"HalfStorage": "F16", b"BFloat16Storage": "BF16"}
ITEM_BYTES = {"F32": 4, "F16": 2, "BF16": 2}
LOCAL_HEADER = 30  # bytes before the name; the last four say how long name and extra field are
LONGEST_PICKLE = 2**16  # that of one layer has some hundred bytes


def linear_of(file: Path, name: str, out_size: int, in_size: int) -> dict[str, StoredTensor]:
    """Return weight and bias of the one linear layer in a file, under our name. Raises `CheckpointError`."""
    try:
        dtype, places = contents(file)
    except (OSError, EOFError, ValueError, RuntimeError, zipfile.BadZipFile) as error:
        raise CheckpointError(f"{file} is not a file of torch.save: {brief(error)}; fetch it again") from None
    shapes = {"weight": (out_size, in_size), "bias": (out_size,)}
    wanted = {word: prod(shape) * ITEM_BYTES[dtype] for word, shape in shapes.items()}
    if sorted(size for size, _ in places) != sorted(wanted.values()):
        raise CheckpointError(
            f"{file} does not hold one linear layer from {in_size} to {out_size} values: "
            "it and config.json are not of one checkpoint"
        )
    offsets = dict(places)
    return {
        f"{name}.{word}": StoredTensor(file, offsets[wanted[word]], dtype, shape)
        for word, shape in shapes.items()
    }


def contents(file: Path) -> tuple[str, list[tuple[int, int]]]:
    """Return the element type of a file, and size and offset of each tensor in it.

    Raises `ValueError`, or an error of `zipfile`, for what torch.save does not write.
    """
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if any(one.compress_type != zipfile.ZIP_STORED or one.flag_bits & 1 for one in members):
            raise ValueError("its members are compressed or encrypted")
        if any(one.filename.endswith("/byteorder") and archive.read(one) != b"little" for one in members):
            raise ValueError("its elements are not little-endian")
        dtype = element_type(archive, members)
        tensors = [one for one in members if "/data/" in one.filename]
    return dtype, [(one.file_size, data_offset(file, one)) for one in tensors]


def element_type(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> str:
    """Return the one element type that the pickle names."""
    pickles = [one for one in members if one.filename.endswith("/data.pkl")]
    if len(pickles) != 1 or pickles[0].file_size > LONGEST_PICKLE:
        raise ValueError("it has no small data.pkl")
    pickle = archive.read(pickles[0])
    named = {word for storage, word in STORAGES.items() if b"torch\n" + storage + b"\n" in pickle}
    if len(named) != 1:
        raise ValueError("it does not hold elements of one float type")
    return named.pop()


def data_offset(file: Path, member: zipfile.ZipInfo) -> int:
    """Return where a member's bytes begin in the file; they must lie inside of it."""
    with file.open("rb") as stream:
        stream.seek(member.header_offset)
        header = stream.read(LOCAL_HEADER)
    lengths = (int.from_bytes(header[26:28], "little"), int.from_bytes(header[28:30], "little"))
    offset = member.header_offset + LOCAL_HEADER + sum(lengths)
    if not header.startswith(b"PK\3\4") or offset + member.file_size > file.stat().st_size:
        raise ValueError("its members do not lie where its list says")
    return offset
