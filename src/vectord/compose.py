"""The composition root: settings to an engine. It alone knows models, backends, plugins and scheduler."""

from collections.abc import Sequence
from dataclasses import replace

from .asked import Asked, asked_models
from .backends.choice import Offer, choose, offers
from .backends.replicas import how_many
from .config import Settings, Wish
from .core import Backend, Hardware, ModelCard
from .errors import SettingError
from .hardware import detect
from .load import cores_of, load, options_of, packed_bytes, wide_session
from .models import probe
from .models.card import read_card
from .models.resolve import Place, resolve
from .models.token_ids import TokenIds, token_ids
from .plugins import backends, load_plugins
from .scheduler import CoreBudget, Engine, Finished, Limits, Loaded, Observer, Policy, Repeats, Served

SPARE = 64  # the part of the memory that wide sessions may take together, unless asked for: one in so many


def build_engine(settings: Settings, observe: Observer | None = None) -> Engine:
    """Load every model and start its runners. Raises `StartError`."""
    hardware = detect()
    cores = CoreBudget(cores_of(settings, hardware))
    found = backends(load_plugins(strict=settings.strict_plugins), strict=settings.strict_plugins)
    served: list[Served] = []
    spare = hardware.memory // SPARE
    repeats = Repeats(settings.cache_mb * 1_000_000) if settings.cache_mb else None
    try:
        for asked in asked_models(settings):
            ids = token_ids(asked.settings.token_ids)
            card, place_offers = consider(asked, hardware, found)
            choice = choose(place_offers, asked.settings.backend)
            options = options_of(asked.settings, hardware)
            count = how_many(asked.settings.replicas, choice.bid, options.threads)
            loaded = load(card, choice, hardware, options, count)
            if wanted(asked.settings.wide, packed_bytes(card, choice.bid), spare):
                loaded = replace(loaded, wide=wide_session(card, choice))
                spare -= packed_bytes(card, choice.bid)
            served.append(serve(loaded, asked, ids, cores, observe or ignore))
            served[-1].repeats = repeats
        check_default_prompt(settings, [one.card for one in served])
    except BaseException:
        for one in served:
            one.close()
        raise
    policy = Policy(
        settings.max_concurrent_requests,
        settings.auto_truncate,
        cores_of(settings, hardware),
        settings.max_request_tokens,
        probe.sentences(),
        watch_seconds=min(1.0, settings.hang_seconds / 4),
    )
    return Engine(served, policy)


def wanted(wish: Wish, size: int, spare: int) -> bool:
    """Whether a model gets a wide session whose weights take `size` bytes."""
    return wish == "on" or (wish == "auto" and size <= spare)


def consider(asked: Asked, hardware: Hardware, found: dict[str, Backend]) -> tuple[ModelCard, list[Offer]]:
    """Read a model's card and ask every backend for a bid."""
    settings = asked.settings
    place: Place = resolve(asked.reference)
    card = read_card(asked.reference.name, place, settings.pooling, settings.task, asked.prompts)
    return card, offers(found, card, hardware, options_of(settings, hardware))


def serve(loaded: Loaded, asked: Asked, ids: TokenIds, cores: CoreBudget, observe: Observer) -> Served:
    """Put a loaded model into service."""
    settings = asked.settings
    limits = Limits(
        settings.max_batch_tokens or loaded.bid.batch_tokens,
        settings.max_waiting_tokens,
        loaded.bid.pad_to,
        loaded.bid.padding,
        by_cost=settings.max_batch_tokens is None,
    )
    served = Served.start(loaded, limits, cores, observe, asked.aliases, settings.hang_seconds)
    served.token_ids = ids
    wanted = settings.default_prompt_name
    if wanted is not None and wanted in loaded.card.prompts:
        served.default_prompt = wanted
    return served


def check_default_prompt(settings: Settings, cards: Sequence[ModelCard]) -> None:
    """Raise `SettingError` if no served model has the default prompt."""
    wanted = settings.default_prompt_name
    if wanted is None or any(wanted in card.prompts for card in cards):
        return
    known = "; ".join(f"{card.name} has {', '.join(card.prompts) or 'none'}" for card in cards)
    raise SettingError(f"--default-prompt-name {wanted}: no served model has this prompt ({known})")


def ignore(finished: Finished) -> None:
    """Observe nothing."""
