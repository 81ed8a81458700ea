"""Whether a model in 8 bits still gives its answers: compared with float32 over texts that are built in."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from vectord.core import (
    PER_TOKEN,
    Backend,
    Batch,
    Bid,
    Encoding,
    Hardware,
    ModelCard,
    Output,
    Session,
    Tokenizer,
    padded_length,
)
from vectord.errors import SettingError
from vectord.models import probe

from .cache import kept
from .likeness import Figure, Vector, compared, is_ranker
from .prepared import card_key
from .progress import Progress

FILE = "figures.json"
PAIR = 8  # the fewest tokens of a pair

Answers = dict[Output, list[Vector]]  # for each text, flat


def figures(
    card: ModelCard, backend: Backend, bid: Bid, exact: Bid, tokenizer: Tokenizer, hardware: Hardware
) -> list[Figure]:
    """Return how near the bid's answers come to those of the `exact` bid, as measured now or before."""

    def make(folder: Path) -> None:
        found = measured(card, backend, bid, exact, tokenizer)
        (folder / FILE).write_text(json.dumps([asdict(one) for one in found]))

    key = card_key(card, "figures", bid.dtype, bid.runtime, hardware.cpu, sorted(hardware.isa))
    space = bid.cache if bid.runtime else None
    found = kept(space, key, 1000, make, lambda folder: json.loads((folder / FILE).read_text()))
    if found is None:
        return measured(card, backend, bid, exact, tokenizer)
    return [Figure(**one) for one in found]


def check(
    card: ModelCard, backend: Backend, bid: Bid, exact: Bid, tokenizer: Tokenizer, hardware: Hardware
) -> list[Figure]:
    """Return the figures. Raises `SettingError` with all of them where one is not reached."""
    found = figures(card, backend, bid, exact, tokenizer, hardware)
    if not all(one.enough for one in found):
        raise SettingError(
            f"{card.name}: int8 on {backend.name} changes the answers too much: "
            f"{', '.join(map(str, found))}, over {probe.COUNT} texts; take another --dtype"
        )
    return found


def measured(card: ModelCard, backend: Backend, bid: Bid, exact: Bid, tokenizer: Tokenizer) -> list[Figure]:
    """Run both, one after the other, so that only one is in memory."""
    inputs = encodings(card, tokenizer)
    wanted = answers(card, backend.load(card, exact), exact, inputs)
    given = answers(card, backend.load(card, bid), bid, inputs)
    return [figure for output in wanted for figure in compared(card, output, wanted[output], given[output])]


def encodings(card: ModelCard, tokenizer: Tokenizer) -> list[Encoding]:
    """Encode the texts as the model's native task does, each cut at its length."""
    limits = [min(length, card.max_length) for length in probe.lengths()]
    if card.pair_prompt is not None:
        return list(prompted(card, tokenizer, limits))
    if is_ranker(card):
        pairs = zip(probe.pairs(), limits, strict=True)
        return [tokenizer.encode_pairs(query, [text], max(PAIR, limit))[0] for (query, text), limit in pairs]
    texts = zip(probe.texts(), limits, strict=True)
    return [tokenizer.encode([text], limit)[0] for text, limit in texts]


def prompted(card: ModelCard, tokenizer: Tokenizer, limits: Sequence[int]) -> Iterator[Encoding]:
    """Yield the pairs as a language model is asked about them; the prompt's own tokens come on top."""
    prompt = card.pair_prompt
    assert prompt is not None
    [empty] = tokenizer.encode_prompted(prompt.before, [""], prompt.after, card.max_length)
    for (query, text), limit in zip(probe.pairs(), limits, strict=True):
        longest = min(len(empty) + limit, card.max_length)
        yield tokenizer.encode_prompted(prompt.before, [prompt.text(query, text)], prompt.after, longest)[0]


def answers(card: ModelCard, session: Session, bid: Bid, inputs: Sequence[Encoding]) -> Answers:
    """Return all outputs for each input, and close the session."""
    found: list[dict[Output, Vector]] = [{} for _ in inputs]
    progress = Progress(f"{card.name}: checking int8", len(inputs), f"texts in {bid.dtype}")

    def run(chosen: list[int]) -> list[int]:
        batch = Batch.of([inputs[index] for index in chosen])
        arrays = session.run(batch, card.outputs)
        for place, index in enumerate(chosen):
            rows = slice(batch.bounds[place], batch.bounds[place + 1])
            for output, array in arrays.items():
                found[index][output] = array[rows if output in PER_TOKEN else place].ravel()
        return chosen

    try:
        with ThreadPoolExecutor(bid.runners) as pool:
            for done in pool.map(run, batches(inputs, bid)):
                progress.advance(len(done))
    finally:
        session.close()
    return {output: [one[output] for one in found] for output in sorted(card.outputs)}


def batches(inputs: Sequence[Encoding], bid: Bid) -> Iterator[list[int]]:
    """Yield which inputs run together: of like lengths, longest first, within the bid's tokens."""
    order = sorted(range(len(inputs)), key=lambda index: -len(inputs[index]))
    while order:
        width = padded_length(len(inputs[order[0]]), bid.pad_to)
        count = max(1, bid.batch_tokens // width)
        yield order[:count]
        order = order[count:]
