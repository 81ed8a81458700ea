"""Files of torch.save: their tensors are found, and what is in their pickles is never run."""

import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.shared import Checkpoints
from vectord import open_engine
from vectord.errors import CheckpointError
from vectord.models.torch_zip import linear_of
from vectord.models.weights import view

from .damage import check

SIZES = (24, 32)
DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
Tensors = dict[str, torch.Tensor]


def layer(dtype: torch.dtype = torch.float32, out_size: int = 24, in_size: int = 32) -> Tensors:
    return {"weight": torch.randn(out_size, in_size).to(dtype), "bias": torch.randn(out_size).to(dtype)}


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_linear_layer(tmp_path: Path, dtype: str) -> None:
    state, file = layer(DTYPES[dtype]), tmp_path / "layer.pt"
    torch.save(torch.nn.Linear(32, 24, dtype=DTYPES[dtype]).state_dict(), file)
    assert {one.dtype for one in linear_of(file, "x", *SIZES).values()} == {dtype}
    for saved in (state, dict(reversed(state.items()))):
        torch.save(saved, file)
        found = linear_of(file, "x", *SIZES)
        assert set(found) == {"x.weight", "x.bias"}
        for word, tensor in state.items():
            np.testing.assert_array_equal(view(found[f"x.{word}"]).astype(np.float32), tensor.float())


def rewritten(file: Path, change: Callable[[str, bytes], bytes | None], **how: Any) -> None:
    """Write the members of a zip anew, None leaving one out."""
    with zipfile.ZipFile(file) as archive:
        members = [(one.filename, archive.read(one)) for one in archive.infolist()]
    with zipfile.ZipFile(file, "w", **how) as archive:
        for name, content in members:
            new = change(name, content)
            if new is not None:
                archive.writestr(name, new)


def moved(file: Path) -> None:
    """Make the list of members point elsewhere."""
    data = bytearray(file.read_bytes())
    places = [at for at in range(len(data)) if data[at : at + 4] == b"PK\1\2"]
    for at in places:
        data[at + 42 : at + 46] = (len(data) - 8).to_bytes(4, "little")
    file.write_bytes(bytes(data))


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


NOT_ONE = "does not hold one linear layer from 32 to 24 values"
DAMAGE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "empty": (lambda file: file.write_bytes(b""), "is not a file of torch.save"),
    "garbage": (lambda file: file.write_bytes(b"x" * 999), "is not a file of torch.save"),
    "cut off": (lambda file: file.write_bytes(file.read_bytes()[:-30]), "is not a file of torch.save"),
    "its beginning lost": (
        lambda file: file.write_bytes(file.read_bytes()[900:]),
        "is not a file of torch.save",
    ),
    "a folder": (folder, "is not a file of torch.save"),
    "the format before zips": (
        lambda file: torch.save(layer(), file, _use_new_zipfile_serialization=False),
        "is not a file of torch.save",
    ),
    "compressed": (
        lambda file: rewritten(file, lambda _, content: content, compression=zipfile.ZIP_DEFLATED),
        "its members are compressed or encrypted",
    ),
    "no pickle": (
        lambda file: rewritten(file, lambda name, content: None if "data.pkl" in name else content),
        "it has no small data.pkl",
    ),
    "a pickle without end": (
        lambda file: rewritten(file, lambda name, content: content + bytes(99999 * ("pkl" in name))),
        "it has no small data.pkl",
    ),
    "big-endian": (
        lambda file: rewritten(file, lambda name, content: b"big" if "byteorder" in name else content),
        "its elements are not little-endian",
    ),
    "members elsewhere": (moved, "is not a file of torch.save"),
    "whole numbers": (
        lambda file: torch.save({name: one.long() for name, one in layer().items()}, file),
        "it does not hold elements of one float type",
    ),
    "two types": (
        lambda file: torch.save({**layer(), "bias": torch.randn(24).half()}, file),
        "it does not hold elements of one float type",
    ),
    "no tensors": (lambda file: torch.save({}, file), "it does not hold elements of one float type"),
    "no bias": (lambda file: torch.save({"weight": layer()["weight"]}, file), NOT_ONE),
    "a third tensor": (lambda file: torch.save({**layer(), "more": torch.randn(3)}, file), NOT_ONE),
    "a shared storage": (
        lambda file: torch.save(dict.fromkeys(("weight", "bias"), layer()["bias"]), file),
        NOT_ONE,
    ),
    "another width": (lambda file: torch.save(layer(in_size=31), file), NOT_ONE),
    "another height": (lambda file: torch.save(layer(out_size=25), file), NOT_ONE),
    "less data than listed": (
        lambda file: rewritten(file, lambda name, content: content[:-4] if "/data/0" in name else content),
        NOT_ONE,
    ),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_not_one_is_refused(tmp_path: Path, damage: str) -> None:
    change, words = DAMAGE[damage]
    file = tmp_path / "layer.pt"
    torch.save(layer(), file)
    change(file)
    with pytest.raises(CheckpointError) as raised:
        linear_of(file, "x", *SIZES)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_every_byte_may_be_wrong(tmp_path: Path) -> None:
    """Damage in any byte of the list or the headers is refused, or what it says lies in the file."""
    file = tmp_path / "layer.pt"
    torch.save(layer(out_size=2, in_size=2), file)
    sound = file.read_bytes()
    for at in range(len(sound)):
        for value in (0, 255):
            file.write_bytes(sound[:at] + bytes([value]) + sound[at + 1 :])
            try:
                found = linear_of(file, "x", 2, 2)
            except CheckpointError:
                continue
            for tensor in found.values():
                assert tensor.offset + view(tensor).nbytes <= len(sound)


class Payload:
    """Unpickled, it makes a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.mkdir, (self.folder,))


@pytest.mark.parametrize("name", ["colbert_linear.pt", "sparse_linear.pt"])
async def test_a_payload_is_not_run(checkpoint: Checkpoints, tmp_path: Path, name: str) -> None:
    path = checkpoint.copy("bge_m3", tmp_path / "copy")
    payload = pickle.dumps(Payload(tmp_path / "run"), protocol=2)
    rewritten(path / name, lambda member, content: payload + content if "data.pkl" in member else content)
    async with open_engine(str(path), backend="onnx", dtype="float32", threads=1) as engine:
        assert (await engine.sparse(["hello world"])).vectors
    with pytest.raises(Exception, match=r"UnpicklingError|Weights only load failed"):
        torch.load(path / name, weights_only=True)
    pickle.loads(payload)
    assert (tmp_path / "run").exists()


def test_a_bare_pickle_is_not_run_either(checkpoint: Checkpoints, tmp_path: Path) -> None:
    path = checkpoint.copy("bge_m3", tmp_path / "copy")
    (path / "colbert_linear.pt").write_bytes(pickle.dumps(Payload(tmp_path / "run")))
    check(path, "colbert_linear.pt is not a file of torch.save", "fetch it again")
    assert not (tmp_path / "run").exists()
