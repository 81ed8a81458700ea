"""How much host memory loading takes at most: a process of its own, so that nothing else counts.

Prints in bytes what was resident before, the peak while the session was made, and the parameters' own.
"""

import sys
from pathlib import Path

import torch

from vectord.backends.torch import TorchBackend
from vectord.core import Bid, Dtype
from vectord.models.card import read_card
from vectord.models.resolve import Place

STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


def peak() -> int:
    """Return the most that was resident since the last reset."""
    [line] = [line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def main(path: Path, dtype: Dtype) -> None:
    """Load once small things that the first load brings, then measure."""
    torch.zeros(8, 8) @ torch.zeros(8, 8)
    card = read_card("large", Place("large", path, None), "mean")
    backend = TorchBackend()
    bid = Bid(score=1, dtype=dtype, reason="", threads=1)
    from vectord.backends.torch import session as _  # noqa: F401  # its code counts before

    CLEAR.write_text("5")
    before = peak()
    loaded = backend.load(card, bid)
    print(before, peak(), card.weight_bytes // 4)
    loaded.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])  # type: ignore[arg-type]  # a word of `Dtype`
