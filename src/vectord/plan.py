"""`vectord plan`: the hardware found, every backend's bid with its reason, and the choice."""

from collections.abc import Iterator

from .asked import asked_models
from .backends.choice import Choice, Offer, choose
from .backends.replicas import how_many, parts
from .compose import consider
from .config import Settings
from .core import Bid, Foreign, Hardware, ModelCard
from .hardware import detect
from .load import cores_of, spread
from .measure import measure
from .plugins import backends, load_plugins


def plan(settings: Settings, measured: bool = False) -> Iterator[str]:
    """Yield the plan for every model, line by line; with what each precision's speed is, if asked.

    Raises `StartError` where a model cannot run.
    """
    hardware = detect()
    found = backends(load_plugins(strict=settings.strict_plugins), strict=settings.strict_plugins)
    cores = cores_of(settings, hardware)
    yield describe_hardware(hardware, cores)
    for asked in asked_models(settings):
        card, bids = consider(asked, hardware, found)
        yield f"\n{describe_card(card)}"
        yield from map(describe_offer, bids)
        yield describe_choice(choose(bids, asked.settings.backend), asked.settings, cores)
        if measured:
            yield from measure(card, found, asked.settings, hardware)


def describe_hardware(hardware: Hardware, cores: int) -> str:
    """Return two lines about the machine."""
    devices = ", ".join(
        f"{one.name} ({one.capability[0]}.{one.capability[1]}, {one.free_bytes / 2**30:.0f} GiB free)"
        for one in hardware.cuda
    )
    instructions = " ".join(sorted(hardware.isa)) or "none known"
    return (
        f"hardware  {hardware.cpu} ({hardware.machine}), {cores} of {hardware.cores} cores, {instructions}\n"
        f"cuda      {devices or 'no device found (nvidia-smi tells of none)'}"
    )


def describe_card(card: ModelCard) -> str:
    """Return two lines about the checkpoint."""
    revision = f"@{card.revision}" if card.revision else ""
    return (
        f"model     {card.name} ({card.source}{revision}, fingerprint {card.fingerprint})\n"
        f"card      {family_of(card)}, can {', '.join(card.tasks)}; {pooling_of(card)}"
        f"width {card.width}, up to {card.max_length} tokens, {card.weight_bytes / 1e6:.0f} MB in float32"
    )


def family_of(card: ModelCard) -> str:
    """Return the family's name, or why others' files or code run the network."""
    return f"{card.family} ({card.network.why})" if isinstance(card.network, Foreign) else card.family


def pooling_of(card: ModelCard) -> str:
    """Return how token states become a row, where they do."""
    return f"{card.head.pooling} pooling, " if card.head.pooling else ""


def describe_offer(offer: Offer) -> str:
    """Return one backend's line."""
    name, answer = offer.backend.name, offer.answer
    if isinstance(answer, Bid):
        return f"  bid     {name:<10} {answer.score:>5.0f}  {answer.dtype:<9} {answer.reason}"
    return f"  no bid  {name:<10}        {'':<9} {answer.reason}"


def describe_choice(choice: Choice, settings: Settings, cores: int) -> str:
    """Return the line of the winner. Raises `SettingError` if it cannot have the sessions asked for."""
    bid = choice.bid
    bids = list(parts(bid, how_many(settings.replicas, bid, cores)))
    most = f"batches up to {bid.batch_tokens} tokens"
    return f"choice    {choice.backend.name}, {bid.dtype} {spread(bids)}, {most}"
