"""What bounds a lane, and what it says of its load."""

from dataclasses import dataclass

from vectord.core import Batch, padded_length

from .packer import WINDOW


@dataclass(frozen=True, slots=True)
class Limits:
    """`batch_tokens`: most tokens in a batch; `waiting_tokens`: most that may wait.

    `pad_to`: the step in which the session pads lengths; `padding`: what padding costs (see `Bid`).
    `by_cost`: a batch may hold fewer, as `scheduler.budget` says, since nobody has set how many.
    """

    batch_tokens: int
    waiting_tokens: int
    pad_to: int = 1
    padding: float = 1.0
    by_cost: bool = False

    def padded(self, length: int) -> int:
        """Return what an input of this length counts in a batch."""
        return padded_length(length, self.pad_to)

    def size(self, batch: Batch) -> float:
        """Return what a batch takes, in tokens."""
        places = self.padded(batch.longest) * len(batch)
        return batch.tokens + self.padding * (places - batch.tokens)

    @property
    def batch_inputs(self) -> int:
        """The most inputs in a batch."""
        return max(1, min(WINDOW, self.batch_tokens // self.padded(1)))


@dataclass(frozen=True, slots=True)
class Load:
    """Inputs that wait, inputs that have no answer yet, and the share of `waiting_tokens` that is taken."""

    waiting: int
    pending: int
    share: float
