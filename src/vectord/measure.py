"""`vectord plan --measure`: tokens per second of every backend in every precision that it bids for."""

import logging
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from statistics import geometric_mean
from typing import get_args

import numpy as np

from .backends.choice import Choice
from .backends.likeness import Figure
from .config import Settings
from .core import Backend, Batch, Bid, Dtype, Encoding, Hardware, ModelCard, Session
from .errors import StartError
from .load import check_int8, options_of, reopened
from .models.tokenizer import load_tokenizer

log = logging.getLogger("vectord")
SHAPES = ((1, 128), (8, 64), (32, 16), (8, 512))  # inputs, and tokens of each
SECONDS = 2.0  # for each shape
WORTH = 1.2  # times the best other precision, below which int8 does not pay for what it changes


@dataclass(frozen=True, slots=True)
class Speed:
    """Tokens per second in each shape, and int8's likeness to float32."""

    name: str
    dtype: Dtype
    tokens: tuple[float, ...]
    figures: tuple[Figure, ...] = ()

    @property
    def overall(self) -> float:
        """The geometric mean over the shapes."""
        return geometric_mean(self.tokens)


def measure(
    card: ModelCard, backends: Mapping[str, Backend], settings: Settings, hardware: Hardware
) -> Iterator[str]:
    """Yield a table of speeds, then whether int8 is worth while."""
    shapes = tuple((count, min(length, card.max_length)) for count, length in SHAPES)
    yield line("measured", "tokens/s", *(f"{count} x {length}" for count, length in shapes))
    speeds: list[Speed] = []
    for choice in choices(card, backends, settings, hardware):
        try:
            speeds.append(speed_of(card, choice, settings, hardware, shapes))
        except StartError as error:
            yield f"  {choice.backend.name:<10} {choice.bid.dtype:<9} {error}"
            continue
        yield line(
            f"  {choice.backend.name}", choice.bid.dtype, *(f"{one:,.0f}" for one in speeds[-1].tokens)
        )
    yield from verdicts(speeds)


def line(name: str, dtype: str, *cells: str) -> str:
    """Return one line of the table."""
    return f"{name:<12} {dtype:<9} " + " ".join(f"{cell:>10}" for cell in cells)


def choices(
    card: ModelCard, backends: Mapping[str, Backend], settings: Settings, hardware: Hardware
) -> Iterator[Choice]:
    """Yield every bid that the settings leave open."""
    options = options_of(settings, hardware)
    dtypes = get_args(Dtype) if settings.dtype == "auto" else (settings.dtype,)
    for name, backend in backends.items():
        if settings.backend in ("auto", name):
            for dtype in dtypes:
                bid = backend.bid(card, hardware, replace(options, dtype=dtype))
                if isinstance(bid, Bid):
                    yield Choice(backend, bid)


def speed_of(
    card: ModelCard,
    choice: Choice,
    settings: Settings,
    hardware: Hardware,
    shapes: tuple[tuple[int, int], ...],
) -> Speed:
    """Load, check and measure one bid. Raises `StartError`."""
    log.info("%s: measuring %s %s", card.name, choice.backend.name, choice.bid.dtype)
    figures: list[Figure] = []
    if choice.bid.dtype == "int8":
        tokenizer = load_tokenizer(card.path, card.network.vocab_size)
        figures = check_int8(card, choice, tokenizer, hardware, options_of(settings, hardware))
    session = reopened(card, choice)
    try:
        tokens = tuple(tokens_per_second(card, session, choice.bid, *shape) for shape in shapes)
    finally:
        session.close()
    return Speed(choice.backend.name, choice.bid.dtype, tokens, tuple(figures))


def tokens_per_second(card: ModelCard, session: Session, bid: Bid, count: int, length: int) -> float:
    """Run one shape on all runners at once for a while."""
    random = np.random.default_rng(0)
    ids = random.integers(0, card.network.vocab_size, (count, length), np.int32)
    batch = Batch.of([Encoding(row, np.zeros_like(row)) for row in ids])
    session.run(batch, [card.head.output])
    start = time.perf_counter()

    def work(_: int) -> int:
        runs = 0
        while not runs or time.perf_counter() - start < SECONDS:
            session.run(batch, [card.head.output])
            runs += 1
        return runs

    with ThreadPoolExecutor(bid.runners) as pool:
        runs = sum(pool.map(work, range(bid.runners)))
    return runs * batch.tokens / (time.perf_counter() - start)


def verdicts(speeds: list[Speed]) -> Iterator[str]:
    """Yield which is fastest, and for int8 how much faster than any other precision."""
    if not speeds:
        return
    best = max(speeds, key=lambda one: one.overall)
    yield f"fastest   {best.name} {best.dtype}"
    others = [one for one in speeds if one.dtype != "int8"]
    for one in (one for one in speeds if one.dtype == "int8" and others):
        other = max(others, key=lambda other: other.overall)
        times = one.overall / other.overall
        advice = "" if times >= WORTH else f"; below {WORTH:g}, which does not pay for what it changes"
        yield f"int8      on {one.name} {times:.2f} x {other.name} {other.dtype}{advice}"
        yield f"          {', '.join(map(str, one.figures))}"
