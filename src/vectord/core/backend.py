"""What a backend must offer: a `Bid` for a card on some hardware, and a `Session` that runs batches."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from .batch import Batch, Encoding, Ids
from .card import ModelCard
from .hardware import Hardware
from .head import Output
from .spans import Shortened, SimpleToken, Spanned

Side = Literal["left", "right"]
Dtype = Literal["float32", "bfloat16", "float16", "int8"]
Arrays = Mapping[Output, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class CacheSpace:
    """A directory for what is derived from checkpoints, of at most `limit` bytes."""

    directory: Path
    limit: int


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked of the backend; `threads` is the core budget already bounded by the machine.

    `cache` is where a backend may keep what it derives from a checkpoint; None: nowhere. `devices` are the
    indices of the CUDA devices to use, each once; None: whatever is best.
    """

    dtype: Dtype | Literal["auto"] = "auto"
    threads: int = 1
    cache: CacheSpace | None = None
    devices: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Bid:
    """An offer to run a card; the highest score wins.

    `runners` batches may run at the same time, each on `threads` cores; a batch takes at most
    `batch_tokens` tokens unless the user says otherwise. The session pads inputs to
    `padded_length(longest, pad_to)` tokens, and a token of padding costs the share `padding` of a real one:
    that is what the scheduler counts.

    `devices` are those that may have a session each, best first; empty: all sessions are on `device`.

    A bid of int8 is for linear maps in 8 bits; the server loads the card in float32 first and refuses
    answers that differ too much. `runtime` names the library that computes, with its version: what was
    measured of the bid, or kept in `cache`, holds for that alone. Empty: nothing is kept.
    """

    score: float
    dtype: Dtype
    reason: str
    runners: int = 1
    threads: int = 1
    batch_tokens: int = 2048
    pad_to: int = 1
    padding: float = 1.0
    device: str = "cpu"
    devices: tuple[str, ...] = ()
    runtime: str = ""
    cache: CacheSpace | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a backend does not bid, and what would change that."""

    reason: str


class Session(Protocol):
    """A loaded model on a device; blocking; knows nothing of HTTP or queues."""

    def run(self, batch: Batch, outputs: Collection[Output]) -> Arrays:
        """Return the asked outputs of the card's heads, float32, rows in batch order.

        An output for each input is (inputs, width), one for each token (tokens, width), packed as the
        batch is. May be called from as many threads at once as the bid has runners. Any exception fails this
        batch alone. `OutOfMemory` says that smaller batches may fit: the inputs run again in halves.
        `DeviceLost` says that every later run would fail: the session is closed and loaded anew.
        """
        ...

    def close(self) -> None:
        """Free what the session holds."""
        ...


class Backend(Protocol):
    """A plugin that can run cards on some hardware. Bidding must not import a heavy library."""

    @property
    def name(self) -> str:
        """The name that `--backend` takes."""
        ...

    def bid(self, card: ModelCard, hardware: Hardware, options: Options) -> Bid | Refusal:
        """Offer to run a card, or say why not."""
        ...

    def load(self, card: ModelCard, bid: Bid) -> Session:
        """Load the card as the bid said."""
        ...


class Vocabulary(Protocol):
    """Token ids that are not the model's."""

    def text(self, ids: Sequence[int]) -> str:
        """Return what the ids stand for. Raises `vectord.errors.InvalidRequest` for an id it lacks."""
        ...


class Tokenizer(Protocol):
    """Texts to token ids; safe to call from several threads."""

    def encode(self, texts: list[str], max_length: int, side: Side | None = None) -> list[Encoding]:
        """Encode each text with the special tokens; what exceeds `max_length` is lost on `side`.

        None: on the side that the checkpoint says.
        """
        ...

    def encode_pairs(
        self, query: str, texts: list[str], max_length: int, side: Side | None = None
    ) -> list[Encoding]:
        """Encode the query with each text as one input; the longer of the two loses tokens first."""
        ...

    def encode_prompted(self, before: str, texts: list[str], after: str, max_length: int) -> list[Encoding]:
        """Encode each text between two others, without special tokens; only the text loses its end."""
        ...

    def encode_spans(self, texts: list[str], max_length: int) -> list[Spanned]:
        """Encode each text with the special tokens, and say where its tokens stand; the end is lost."""
        ...

    def shorten(self, texts: list[str], most: int, side: Side | None = None) -> list[Shortened]:
        """Cut each text to `most` tokens, special ones not counted; what is lost is lost on `side`.

        None: the end. A text is cut between the characters of its tokens.
        """
        ...

    def enclose(self, token_ids: Ids) -> tuple[Encoding, int]:
        """Put the special tokens around ids, whatever these are; also return how many stand before them."""
        ...

    def join(self, tokens: list[str]) -> str:
        """Return the text that tokens stand for."""
        ...

    def tokenize(self, texts: list[str], special_tokens: bool) -> list[list[SimpleToken]]:
        """Return each text's tokens and where they stand, however many, between special ones if asked."""
        ...

    def decode(self, rows: list[Ids], skip_special_tokens: bool) -> list[str]:
        """Return the text of each row of ids.

        Raises `vectord.errors.InvalidRequest` for an id outside the vocabulary.
        """
        ...

    def wrap(self, token_ids: Ids, max_length: int, side: Side | None = None) -> Encoding:
        """Take a client's ids as given if they begin with the special prefix, else add special tokens.

        Raises `vectord.errors.InvalidRequest` for an id outside the vocabulary.
        """
        ...
