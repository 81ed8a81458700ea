"""A checkpoint's files on the way to a `ModelCard`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vectord.core import Network, Pooling, StoredTensor

from .config import Config
from .families import Family
from .modules import Modules


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What has been read so far: config.json, what it declares, modules.json if there is one, and tensors.

    `pooling` is the one that the user named, for checkpoints that do not.
    """

    path: Path
    config: Config
    family: Family
    network: Network
    modules: Modules | None
    stored: Mapping[str, StoredTensor]
    pooling: Pooling | None

    def architecture(self, suffix: str) -> str | None:
        """Return the class name in config.json that ends so."""
        return next((name for name in self.config.words("architectures") if name.endswith(suffix)), None)
