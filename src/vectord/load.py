"""A card and a bid to a model in memory."""

import logging
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from .backends.choice import Choice
from .backends.gate import check
from .backends.likeness import Figure
from .backends.replicas import parts
from .config import Settings
from .core import (
    Batch,
    Bid,
    CacheSpace,
    Dtype,
    Encoding,
    Hardware,
    ModelCard,
    Options,
    Session,
    Tokenizer,
    padded_length,
)
from .errors import SettingError, StartError
from .models.tokenizer import load_tokenizer
from .scheduler import Loaded, Replica, Timed, Wide

log = logging.getLogger("vectord")
BITS: dict[Dtype, int] = {"float32": 32, "bfloat16": 16, "float16": 16, "int8": 8}
WARM_UP = ((1, 8), (1, 64), (4, 16), (2, 96))  # shapes of the first runs: inputs, tokens of each
WARM_UP_SECONDS = 0.1  # after which no further shape is begun


def cores_of(settings: Settings, hardware: Hardware) -> int:
    """Return the core budget: what the container grants, or less if asked."""
    return min(hardware.cores, settings.threads or hardware.cores)


def options_of(settings: Settings, hardware: Hardware) -> Options:
    """Return what backends are asked for."""
    directory = settings.cache_dir or default_cache()
    space = CacheSpace(directory, settings.cache_bytes) if directory is not None else None
    return Options(settings.dtype, cores_of(settings, hardware), space, devices_of(settings.devices))


def devices_of(text: str) -> tuple[int, ...] | None:
    """Return the indices that `--devices` names; None for `auto`. Raises `SettingError`."""
    if text.strip() == "auto":
        return None
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdigit() for part in parts) or len({*map(int, parts)}) < len(parts):
        raise SettingError(f"--devices must be auto or different indices as 0,2, not {text!r}")
    return tuple(map(int, parts))


def default_cache() -> Path | None:
    """Return the user's cache directory, by the XDG Base Directory Specification; None without a home."""
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "vectord"
    except RuntimeError:
        log.warning("no cache, since there is no home directory; --cache-dir names another place")
        return None


def load(card: ModelCard, choice: Choice, hardware: Hardware, options: Options, replicas: int = 1) -> Loaded:
    """Load a card on the chosen backend, so many times, and run it; in int8 only if it keeps its answers."""
    start = time.perf_counter()
    tokenizer = load_tokenizer(card.path, card.network.vocab_size)
    if choice.bid.dtype == "int8":
        figures = check_int8(card, choice, tokenizer, hardware, options)
        log.info("%s: int8 keeps the answers: %s", card.name, ", ".join(map(str, figures)))
    found, timed = open_replicas(card, choice, replicas)
    log.info(
        "%s: %s %s by %s %s, up to %d tokens, ready in %.2f s (%s)",
        card.name, card.family, choice.bid.dtype, choice.backend.name,
        spread([one.bid for one in found]), card.max_length, time.perf_counter() - start, choice.bid.reason,
    )  # fmt: skip
    return Loaded(card, tokenizer, choice.backend.name, choice.bid, found, timed)


def wide_session(card: ModelCard, choice: Choice) -> Wide | None:
    """Return one more session that gives a batch all cores of a bid; None where sessions do so anyway."""
    bid = choice.bid
    if bid.runners == 1 or bid.devices:
        return None
    whole = replace(bid, runners=1, threads=bid.runners * bid.threads)
    return Wide(card.name, partial(reopened, card, Choice(choice.backend, whole)))


def packed_bytes(card: ModelCard, bid: Bid) -> int:
    """Return about how many bytes a session's weights take."""
    return card.weight_bytes * BITS[bid.dtype] // 32


def open_replicas(card: ModelCard, choice: Choice, count: int) -> tuple[list[Replica], list[Timed]]:
    """Load so many sessions, and return the times of the first one's small batches. Raises `StartError`.

    They load in turn: what one leaves in the cache the next one finds, and the memory that loading takes for
    a moment is taken once.
    """
    found: list[Replica] = []
    timed: list[Timed] = []
    try:
        for bid in parts(choice.bid, count):
            part = Choice(choice.backend, bid)
            session, times = open_session(card, part)
            found.append(Replica(session, bid, partial(reopened, card, part)))
            timed = timed or times
    except BaseException:
        for one in found:
            one.session.close()
        raise
    return found, timed


def spread(bids: Sequence[Bid]) -> str:
    """Return where sessions are, how many there are, and of all of them the runners x the threads of each."""
    where = " and ".join(dict.fromkeys(bid.device for bid in bids))
    sessions = f"{len(bids)} session{'s' * (len(bids) > 1)}"
    return f"on {where}, {sessions}, {sum(bid.runners for bid in bids)} x {bids[0].threads} threads"


def reopened(card: ModelCard, choice: Choice) -> Session:
    """Load a card once more. Raises `StartError`."""
    return open_session(card, choice)[0]


def open_session(card: ModelCard, choice: Choice) -> tuple[Session, list[Timed]]:
    """Load a card as the bid says and run some small batches. Raises `StartError`."""
    try:
        session = choice.backend.load(card, choice.bid)
        return session, warm_up(session, card, choice.bid)
    except StartError:
        raise
    except Exception as error:  # a backend's library may fail in any way
        reason = str(error).strip().split("\n")[0]
        raise StartError(f"{card.name}: backend {choice.backend.name} could not load it: {reason}") from error


def check_int8(
    card: ModelCard, choice: Choice, tokenizer: Tokenizer, hardware: Hardware, options: Options
) -> list[Figure]:
    """Compare with float32 on the same backend. Raises `SettingError` with the figures."""
    exact = choice.backend.bid(card, hardware, replace(options, dtype="float32"))
    if not isinstance(exact, Bid):
        raise SettingError(f"{card.name}: int8 cannot be checked against float32: {exact.reason}")
    try:
        return check(card, choice.backend, choice.bid, exact, tokenizer, hardware)
    except StartError:
        raise
    except Exception as error:  # a backend's library may fail in any way
        reason = str(error).strip().split("\n")[0]
        raise StartError(
            f"{card.name}: int8 could not be checked on {choice.backend.name}: {reason}"
        ) from error


def warm_up(session: Session, card: ModelCard, bid: Bid) -> list[Timed]:
    """Run small batches, so that the first request finds memory and kernels in place; return their times."""
    timed: list[Timed] = []
    start = time.perf_counter()
    for count, length in WARM_UP:
        ids = np.full(min(length, card.max_length), card.pad_id, np.int32)
        batch = Batch.of([Encoding(ids, np.zeros_like(ids))] * count)
        # a shape's first run makes its plan and is slower than all others
        seconds = min(timed_run(session, batch, card) for _ in range(2))
        timed.append((count, padded_length(len(ids), bid.pad_to), seconds))
        if time.perf_counter() - start > WARM_UP_SECONDS:
            break
    return timed


def timed_run(session: Session, batch: Batch, card: ModelCard) -> float:
    """Run a batch and return the seconds."""
    start = time.perf_counter()
    session.run(batch, [card.head.output])
    return time.perf_counter() - start
