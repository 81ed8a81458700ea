"""Texts to token ids with the checkpoint's own tokenizer.json; its padding and truncation are ours to set."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import tokenizers

from vectord.core import Encoding, Ids, Shortened, Side, SimpleToken, Spanned
from vectord.errors import CheckpointError, InvalidRequest

from .config import brief
from .normalizer import set_normalizer, tokenizer_config
from .roles import special_token
from .spans import Marks, simple_tokens, spans
from .template import Template


class FastTokenizer:
    """A `tokenizers.Tokenizer` with neither padding nor truncation of its own; safe in many threads.

    `side` is where too long an input is cut unless the caller says it, `unknown` the unknown token.
    """

    def __init__(
        self,
        tokenizer: tokenizers.Tokenizer,
        vocab_size: int,
        side: Side = "right",
        unknown: str | None = None,
    ) -> None:
        self._tokenizer = tokenizer
        self._vocab_size = vocab_size
        self._side = side
        self._single = Template.of(tokenizer, 1)
        self._pair = Template.of(tokenizer, 2)
        self._marks = Marks.of(tokenizer, unknown)

    def encode(self, texts: list[str], max_length: int, side: Side | None = None) -> list[Encoding]:
        """Encode each text with the special tokens; what exceeds `max_length` is lost on `side`."""
        return [self._assemble(ids, max_length, side) for ids in self._bare_ids(texts)]

    def encode_pairs(
        self, query: str, texts: list[str], max_length: int, side: Side | None = None
    ) -> list[Encoding]:
        """Encode the query with each text as one input; the longer of the two loses tokens first."""
        first = self._bare_ids([query])[0]
        room = max(0, max_length - self._pair.overhead)
        pairs = []
        for second in self._bare_ids(texts):
            kept = longest_first(len(first), len(second), room)
            cut = len(first) + len(second) - sum(kept)
            lost = side or self._side
            sides = keep(first, kept[0], lost), keep(second, kept[1], lost)
            pairs.append(self._pair.assemble(*sides, cut=cut))
        return pairs

    def encode_prompted(self, before: str, texts: list[str], after: str, max_length: int) -> list[Encoding]:
        """Encode each text between two others, without special tokens; only the text loses its end."""
        first, last = self._bare_ids([before, after])
        room = max(0, max_length - len(first) - len(last))
        rows = []
        for ids in self._bare_ids(texts):
            row = np.concatenate([first, ids[:room], last])
            rows.append(Encoding(row, np.zeros_like(row), cut=max(0, len(ids) - room)))
        return rows

    def encode_spans(self, texts: list[str], max_length: int) -> list[Spanned]:
        """Encode each text with the special tokens, and say where its tokens stand; the end is lost."""
        with panics_are_errors():
            encoded = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        found = []
        for text, one in zip(texts, encoded, strict=True):
            encoding = self._assemble(np.array(one.ids, np.int32), max_length, "right")
            rows = len(encoding) - self._single.overhead
            found.append(Spanned(encoding, spans(text, one, len(self._single.pieces[0]), rows, self._marks)))
        return found

    def shorten(self, texts: list[str], most: int, side: Side | None = None) -> list[Shortened]:
        """Cut each text to `most` tokens, special ones not counted; the end is lost, or the beginning."""
        with panics_are_errors():
            encoded = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return [
            shortened(text, one.offsets, most, side or "right")
            for text, one in zip(texts, encoded, strict=True)
        ]

    def enclose(self, token_ids: Ids) -> tuple[Encoding, int]:
        """Put the special tokens around ids, whatever these are; also return how many stand before them."""
        return self._single.assemble(token_ids), len(self._single.pieces[0])

    def join(self, tokens: list[str]) -> str:
        """Return the text that tokens stand for."""
        decoder = self._tokenizer.decoder
        return " ".join(tokens) if decoder is None else str(decoder.decode(tokens))

    def tokenize(self, texts: list[str], special_tokens: bool) -> list[list[SimpleToken]]:
        """Return each text's tokens and where they stand, however many, between special ones if asked."""
        with panics_are_errors():
            encoded = self._tokenizer.encode_batch(texts, add_special_tokens=special_tokens)
        return [simple_tokens(text, one) for text, one in zip(texts, encoded, strict=True)]

    def decode(self, rows: list[Ids], skip_special_tokens: bool) -> list[str]:
        """Return the text of each row of ids. Raises `InvalidRequest` for an id outside the vocabulary."""
        for ids in rows:
            self._check_ids(ids, "ids")
        with panics_are_errors():
            return self._tokenizer.decode_batch([ids.tolist() for ids in rows], skip_special_tokens)

    def wrap(self, token_ids: Ids, max_length: int, side: Side | None = None) -> Encoding:
        """Take a client's ids as given if they begin with the special prefix, else add special tokens.

        Raises `InvalidRequest` for an id outside the vocabulary.
        """
        self._check_ids(token_ids, "input")
        ids = token_ids.astype(np.int32)
        if not self._begun(ids):
            return self._assemble(ids, max_length, side)
        if len(ids) <= max_length:
            return Encoding(ids, np.full_like(ids, self._single.types[0]))
        return self._assemble(self._without_specials(ids), max_length, side)

    def _check_ids(self, ids: Ids, param: str) -> None:
        if ids.size and (ids.min() < 0 or ids.max() >= self._vocab_size):
            raise InvalidRequest(f"token ids must lie in 0..{self._vocab_size - 1}", param=param)

    def _bare_ids(self, texts: list[str]) -> list[Ids]:
        with panics_are_errors():
            encoded = self._tokenizer.encode_batch_fast(texts, add_special_tokens=False)
        return [np.array(one.ids, np.int32) for one in encoded]

    def _assemble(self, ids: Ids, max_length: int, side: Side | None) -> Encoding:
        kept = keep(ids, max(0, max_length - self._single.overhead), side or self._side)
        return self._single.assemble(kept, cut=len(ids) - len(kept))

    def _begun(self, ids: Ids) -> bool:
        """Whether the special tokens are there; a template without a prefix shows in its suffix."""
        prefix, suffix = self._single.pieces
        return starts_with(ids, prefix) if len(prefix) else ends_with(ids, suffix)

    def _without_specials(self, ids: Ids) -> Ids:
        prefix, suffix = self._single.pieces
        ids = ids[len(prefix) :]
        return ids[: len(ids) - len(suffix)] if ends_with(ids, suffix) else ids


@contextmanager
def panics_are_errors() -> Iterator[None]:
    """Make an error of a Rust panic, which is not an `Exception` and would pass by every handler.

    Its text may hold the user's, so it is left out.
    """
    try:
        yield
    except (Exception, KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        raise RuntimeError("the tokenizer library panicked") from None


def keep(ids: Ids, count: int, side: Side) -> Ids:
    """Return at most `count` ids; those on `side` are lost."""
    return ids[:count] if side == "right" else ids[max(0, len(ids) - count) :]


def shortened(text: str, places: list[tuple[int, int]], most: int, side: Side) -> Shortened:
    """Return the text of the first or last `most` tokens, whose places in it are given."""
    cut = len(places) - most
    if cut <= 0:
        return Shortened(text)
    kept = text[: places[most - 1][1]] if side == "right" else text[places[cut][0] :]
    return Shortened(kept or text[:1], cut)  # a token may stand for no character


def starts_with(ids: Ids, part: Ids) -> bool:
    """Whether `ids` begins with `part`."""
    return len(ids) >= len(part) and bool((ids[: len(part)] == part).all())


def ends_with(ids: Ids, part: Ids) -> bool:
    """Whether `ids` ends with `part`."""
    return len(ids) >= len(part) and bool((ids[len(ids) - len(part) :] == part).all())


def longest_first(first: int, second: int, room: int) -> tuple[int, int]:
    """Return how many tokens of each side stay: `tokenizers`' own longest-first rule."""
    if first + second <= room:
        return first, second
    short, long = min(first, second), max(first, second)
    long = short if short > room else max(short, room - short)
    if short + long > room:
        short = room // 2
        long = short + room % 2
    return (short, long) if first <= second else (long, short)


def load_tokenizer(path: Path, vocab_size: int) -> FastTokenizer:
    """Load tokenizer.json. Raises `CheckpointError`."""
    tokenizer, file = open_tokenizer(path), path / "tokenizer.json"
    side, unknown = truncation_side(path, tokenizer), special_token(path, "unk_token")
    try:
        with panics_are_errors():
            set_normalizer(tokenizer, path)
            tokenizer.no_padding()
            tokenizer.no_truncation()
            loaded = FastTokenizer(tokenizer, vocab_size, side, unknown)
    except CheckpointError:
        raise
    except Exception as error:  # tokenizers raises plain Exception
        raise unsound(file, error) from None
    largest = max(tokenizer.get_vocab().values(), default=0)
    if largest >= vocab_size:
        raise CheckpointError(
            f"{file} has token id {largest}, but the embedding has {vocab_size} rows: "
            "tokenizer and weights are not of one checkpoint"
        )
    return loaded


def open_tokenizer(path: Path) -> tokenizers.Tokenizer:
    """Return tokenizer.json as it is. Raises `CheckpointError`."""
    file = path / "tokenizer.json"
    if not file.exists():
        raise CheckpointError(f"{file} is missing: fetch it, or save the checkpoint with a fast tokenizer")
    try:
        with panics_are_errors():
            return tokenizers.Tokenizer.from_file(str(file))
    except Exception as error:  # tokenizers raises plain Exception
        raise unsound(file, error) from None


def truncation_side(path: Path, tokenizer: tokenizers.Tokenizer) -> Side:
    """Return where the checkpoint cuts: tokenizer_config.json's word, else tokenizer.json's."""
    stored = tokenizer.truncation or {"direction": "right"}
    config = tokenizer_config(path)
    match config.word("truncation_side", stored["direction"]):
        case "right" | "left" as side:
            return side
        case other:
            raise config.wrong("truncation_side", "right or left", other)


def unsound(file: Path, error: Exception) -> CheckpointError:
    """Return the error for a tokenizer that cannot be used."""
    return CheckpointError(f"{file} is not a sound tokenizer: {brief(error)}; fetch it again")


def model_max_length(path: Path) -> int | None:
    """Return the tokenizer's own limit; transformers writes 1e30 where there is none."""
    limit = tokenizer_config(path).values.get("model_max_length")
    if isinstance(limit, bool) or not isinstance(limit, int | float) or not 0 < limit < 1e9:
        return None
    return int(limit)
