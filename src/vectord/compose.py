"""The composition root: settings to an engine. It alone knows models, backends, plugins and scheduler."""

import logging
import time
from collections.abc import Sequence

import numpy as np

from .asked import Asked, asked_models
from .backends.choice import Choice, Offer, choose, offers
from .config import Settings
from .core import Backend, Batch, Encoding, Hardware, ModelCard, Options, Session
from .errors import SettingError, StartError
from .hardware import detect
from .models.card import read_card
from .models.resolve import Place, resolve
from .models.tokenizer import load_tokenizer
from .plugins import backends, load_plugins
from .scheduler import CoreBudget, Engine, Finished, Limits, Loaded, Observer, Policy, Served

log = logging.getLogger("vectord")
WARM_UP = (8, 64)  # lengths of the first runs, in tokens


def cores_of(settings: Settings, hardware: Hardware) -> int:
    """Return the core budget: what the container grants, or less if asked."""
    return min(hardware.cores, settings.threads or hardware.cores)


def build_engine(settings: Settings, observe: Observer | None = None) -> Engine:
    """Load every model and start its runners. Raises `StartError`."""
    hardware = detect()
    cores = CoreBudget(cores_of(settings, hardware))
    found = backends(load_plugins(strict=settings.strict_plugins), strict=settings.strict_plugins)
    served: list[Served] = []
    try:
        for asked in asked_models(settings):
            card, place_offers = consider(asked, hardware, found)
            loaded = load(card, choose(place_offers, asked.settings.backend))
            served.append(serve(loaded, asked, cores, observe or ignore))
        check_default_prompt(settings, [one.card for one in served])
    except BaseException:
        for one in served:
            one.close()
        raise
    policy = Policy(settings.max_concurrent_requests, settings.auto_truncate, cores_of(settings, hardware))
    return Engine(served, policy)


def consider(asked: Asked, hardware: Hardware, found: dict[str, Backend]) -> tuple[ModelCard, list[Offer]]:
    """Read a model's card and ask every backend for a bid."""
    settings = asked.settings
    place: Place = resolve(asked.reference)
    card = read_card(asked.reference.name, place, settings.pooling, settings.task, asked.prompts)
    options = Options(settings.dtype, cores_of(settings, hardware))
    return card, offers(found, card, hardware, options)


def load(card: ModelCard, choice: Choice) -> Loaded:
    """Load a card on the chosen backend and run it once."""
    start = time.perf_counter()
    tokenizer = load_tokenizer(card.path, card.network.vocab_size)
    try:
        session = choice.backend.load(card, choice.bid)
        warm_up(session, card)
    except StartError:
        raise
    except Exception as error:  # a backend's library may fail in any way
        reason = str(error).strip().split("\n")[0]
        raise StartError(f"{card.name}: backend {choice.backend.name} could not load it: {reason}") from error
    log.info(
        "%s: %s %s on %s, %d x %d threads, up to %d tokens, ready in %.2f s (%s)",
        card.name, card.family, choice.bid.dtype, choice.backend.name, choice.bid.runners, choice.bid.threads,
        card.max_length, time.perf_counter() - start, choice.bid.reason,
    )  # fmt: skip
    return Loaded(card, tokenizer, choice.backend.name, choice.bid, session)


def warm_up(session: Session, card: ModelCard) -> None:
    """Run small batches, so that the first request finds memory and kernels in place."""
    for length in WARM_UP:
        ids = np.full(min(length, card.max_length), card.pad_id, np.int32)
        session.run(Batch.of([Encoding(ids, np.zeros_like(ids))]), [card.head.output])


def serve(loaded: Loaded, asked: Asked, cores: CoreBudget, observe: Observer) -> Served:
    """Put a loaded model into service."""
    settings = asked.settings
    limits = Limits(
        settings.max_batch_tokens or loaded.bid.batch_tokens, settings.max_waiting_tokens, loaded.bid.pad_to
    )
    served = Served.start(loaded, limits, cores, observe, asked.aliases)
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
