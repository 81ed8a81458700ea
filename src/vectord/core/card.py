"""`ModelCard`: all that the server knows of a checkpoint before any of its weights is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .arch import Arch, Head

Task = Literal["embed", "rerank", "classify"]


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """Where one parameter lies: `shape` elements of `dtype` at byte `offset` of a safetensors file.

    `dtype` is the file's own word (F32, F16, BF16).
    """

    file: Path
    offset: int
    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A checkpoint, read and checked.

    `tensors` maps the parameter names that `vectord.models.parameters` derives from `arch` and `head`
    to their places on disk. `max_length` is in tokens, special tokens included. `fingerprint` changes
    when anything that changes the vectors does.
    """

    name: str
    source: str
    path: Path
    revision: str | None
    fingerprint: str
    family: str
    arch: Arch
    head: Head
    tasks: tuple[Task, ...]
    normalize: bool
    prompts: Mapping[str, str]
    default_prompt: str | None
    max_length: int
    pad_id: int
    labels: tuple[str, ...]
    tensors: Mapping[str, StoredTensor]

    @property
    def width(self) -> int:
        """Size of one output row."""
        return self.head.width(self.arch.hidden_size)

    @property
    def weight_bytes(self) -> int:
        """Bytes of all parameters in float32."""
        total = 0
        for tensor in self.tensors.values():
            size = 4
            for side in tensor.shape:
                size *= side
            total += size
        return total
