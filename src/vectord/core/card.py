"""`ModelCard`: all that the server knows of a checkpoint before any of its weights is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from .arch import Arch, Head, Output
from .foreign import Foreign, Network
from .late import LateInteraction
from .prompted import PairPrompt

Task = Literal["embed", "embed_all", "sparse", "rerank", "classify", "token_classify"]
# how a classifier's logits become scores: over the labels together, for each label, or not at all
Scoring = Literal["softmax", "sigmoid", "identity"]


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

    `heads` are what the network can give from one pass, its native output first. `tensors` maps the
    parameter names that `vectord.models.parameters` derives from `network` and `heads` to their places on
    disk. `max_length` is in tokens, special tokens included. `fingerprint` changes when anything that
    changes the vectors does. `norm_before_cut`: shorter vectors are cut from layer-normed ones.
    `special_ids` get no lexical weight. `keeps_bfloat16`: its family's vectors were measured to stay
    right in bfloat16.
    """

    name: str
    source: str
    path: Path
    revision: str | None
    fingerprint: str
    family: str
    network: Network
    heads: tuple[Head, ...]
    tasks: tuple[Task, ...]
    normalize: bool
    prompts: Mapping[str, str]
    default_prompt: str | None
    max_length: int
    pad_id: int
    labels: tuple[str, ...]
    tensors: Mapping[str, StoredTensor]
    scoring: Scoring = "softmax"
    pair_prompt: PairPrompt | None = None
    late: LateInteraction | None = None
    norm_before_cut: bool = False
    keeps_bfloat16: bool = False
    special_ids: frozenset[int] = frozenset()

    @property
    def arch(self) -> Arch:
        """The network as a family declares it. Raises `TypeError` where none does."""
        if isinstance(self.network, Arch):
            return self.network
        raise TypeError(f"no family declares {self.network.name}")

    @property
    def head(self) -> Head:
        """The native head."""
        return self.heads[0]

    @property
    def outputs(self) -> frozenset[Output]:
        """What the network can give."""
        return frozenset(head.output for head in self.heads)

    @property
    def width(self) -> int:
        """Size of one row of the native output."""
        return self.head.width(self.network.hidden_size)

    @property
    def weight_bytes(self) -> int:
        """Bytes of all parameters in float32."""
        total = self.network.weight_bytes if isinstance(self.network, Foreign) else 0
        for tensor in self.tensors.values():
            size = 4
            for side in tensor.shape:
                size *= side
            total += size
        return total
