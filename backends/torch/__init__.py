"""torch: packed and padding-free, on CUDA where there is a device and on the CPU otherwise."""

from vectord.core import Backend, Bid, Hardware, ModelCard, Options, Refusal, Session
from vectord.plugins import hookimpl

from .bid import offer


class TorchBackend:
    """Runs any `Arch` with torch; torch itself is imported when a card is loaded."""

    name = "torch"

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        """Offer the best device, or say what is missing."""
        return offer(card, hardware, options)

    def load(self, card: ModelCard, bid: Bid) -> Session:
        """Load the card on the device of the bid."""
        from .session import TorchSession

        return TorchSession(card, bid)


@hookimpl
def register_backends() -> list[Backend]:
    """Offer the backend."""
    return [TorchBackend()]
