"""A network that no family declares: what must be known of it, and what there is to run it."""

from dataclasses import dataclass
from pathlib import Path

from .arch import Arch


@dataclass(frozen=True, slots=True)
class Port:
    """An input or an output of a network in a file.

    `names` are all that it goes by, `dtype` is numpy's word. A size that may vary is None; so is the
    shape where the file does not say how many axes there are.
    """

    names: tuple[str, ...]
    dtype: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A network in a file that came with the checkpoint; `beside` are the files that hold its weights."""

    path: Path
    beside: tuple[Path, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]


@dataclass(frozen=True, slots=True)
class Foreign:
    """A network that no family declares; the checkpoint's own file or transformers runs it.

    `stored`: its weights are there as safetensors too. `weight_bytes` are those of its parameters in
    float32, as far as the files show.
    """

    name: str
    hidden_size: int
    vocab_size: int
    token_types: int
    max_positions: int
    weight_bytes: int
    stored: bool
    onnx: OwnFile | None = None
    openvino: OwnFile | None = None

    @property
    def adapters(self) -> None:
        """None: others' files and code take no task."""

    @property
    def own_files(self) -> tuple[OwnFile, ...]:
        """The files that hold it."""
        return tuple(file for file in (self.onnx, self.openvino) if file is not None)


Network = Arch | Foreign
