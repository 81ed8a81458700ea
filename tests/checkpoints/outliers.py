"""A checkpoint with outlier channels, as large networks grow them: 8 bits cannot hold what lies beside."""

from pathlib import Path

from safetensors.numpy import load_file, save_file

CHANNELS = [3, 17]
READERS = ("query.weight", "key.weight", "value.weight", "intermediate.dense.weight")


def add_outliers(path: Path, size: float) -> None:
    """Make two channels of a BERT's states `size` times as large, and what reads them as much smaller.

    Norms restore the others, so that in float32 the network still tells texts apart by them.
    """
    file = path / "model.safetensors"
    tensors = load_file(file)
    first, *others = (name for name in sorted(tensors, key=depth) if name.endswith("LayerNorm.weight"))
    tensors[first][CHANNELS] *= size
    for name in others:
        tensors[name] *= size / 4
    tensors[others[-1]][CHANNELS] = 0
    for name, weight in tensors.items():
        if name.endswith(READERS):
            weight[:, CHANNELS] /= size
    save_file(tensors, file, {"format": "pt"})


def depth(name: str) -> tuple[bool, str]:
    """Return where a norm stands: the embedding's first, attention's before the MLP's."""
    return name.startswith("encoder"), name
