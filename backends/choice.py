"""Which backend runs a card: every backend bids, the highest bid wins, and each says why."""

from collections.abc import Mapping
from dataclasses import dataclass

from vectord.core import Backend, Bid, Hardware, ModelCard, Options, Refusal
from vectord.errors import SettingError


@dataclass(frozen=True, slots=True)
class Offer:
    """One backend's answer for one card."""

    backend: Backend
    answer: Bid | Refusal


@dataclass(frozen=True, slots=True)
class Choice:
    """The winning backend and its bid."""

    backend: Backend
    bid: Bid


def offers(
    backends: Mapping[str, Backend], card: ModelCard, hardware: Hardware, options: Options
) -> list[Offer]:
    """Return every backend's answer, best bids first; where devices are asked for, only bids on some."""
    answers = [Offer(backend, backend.bid(card, hardware, options)) for backend in backends.values()]
    if options.devices is not None:
        answers = [on_devices(offer) for offer in answers]
    return sorted(
        answers, key=lambda offer: offer.answer.score if isinstance(offer.answer, Bid) else -1, reverse=True
    )


def on_devices(offer: Offer) -> Offer:
    """Return the offer, or a refusal in place of a bid for CPUs."""
    if isinstance(offer.answer, Refusal) or offer.answer.devices:
        return offer
    return Offer(offer.backend, Refusal("runs on CPUs, and --devices asks for CUDA"))


def choose(asked: list[Offer], wanted: str) -> Choice:
    """Return the highest bid, or the wanted backend's. Raises `SettingError` that lists the refusals."""
    known = [offer.backend.name for offer in asked]
    if wanted != "auto" and wanted not in known:
        raise SettingError(f"--backend {wanted}: no such backend; there are {', '.join(known)}")
    eligible = [offer for offer in asked if wanted in ("auto", offer.backend.name)]
    for offer in eligible:
        if isinstance(offer.answer, Bid):
            return Choice(offer.backend, offer.answer)
    reasons = "; ".join(
        f"{offer.backend.name}: {offer.answer.reason}"
        for offer in eligible
        if isinstance(offer.answer, Refusal)
    )
    raise SettingError(f"no backend can run this model: {reasons or 'none is installed'}")
