"""torch: packed and padding-free, on CUDA where there is a device and on the CPU otherwise."""

import os

from vectord.core import Backend, Bid, Foreign, Hardware, ModelCard, Options, Refusal, Session
from vectord.plugins import hookimpl

from ..foreign.bid import by_transformers, exact
from .bid import offer


class TorchBackend:
    """Runs any `Arch` with torch, and other networks with transformers; both are imported to load a card."""

    name = "torch"

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        """Offer the best device, or say what is missing."""
        if isinstance(card.network, Foreign):
            return by_transformers(card.network, offer(card, hardware, exact(options)))
        return offer(card, hardware, options)

    def load(self, card: ModelCard, bid: Bid) -> Session:
        """Load the card on the device of the bid."""
        os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")  # nvidia-smi's, which the bid's indices are
        if isinstance(card.network, Foreign):
            from ..foreign import transformers

            return transformers.load(card, card.network, bid)
        from .session import TorchSession

        return TorchSession(card, bid)


@hookimpl
def register_backends() -> list[Backend]:
    """Offer the backend."""
    return [TorchBackend()]
