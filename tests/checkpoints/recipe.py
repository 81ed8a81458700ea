"""`Recipe`: what tells one tiny checkpoint from another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tokenizers import Tokenizer

Shape = Literal["small", "odd"]
# "published" is how repositories of the transformers-4 years look; "resaved" is what the libraries
# of today write when they load and save such a repository.
Style = Literal["published", "resaved"]
Json = dict[str, Any]
PoolingMode = Literal[
    "cls_token", "mean_tokens", "lasttoken", "max_tokens", "weightedmean_tokens", "mean_sqrt_len_tokens"
]
# sentence-transformers' class that loads and saves a checkpoint again
Saver = Literal["SentenceTransformer", "SparseEncoder", "MultiVectorEncoder"]


@dataclass(frozen=True, slots=True)
class Size:
    """The numbers in which the shapes differ; `shared_heads` are the key and value heads."""

    hidden: int
    layers: int
    heads: int
    inner: int
    head: int = 0
    shared_heads: int = 0


Sizes = Mapping[Shape, Size]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A tokenizer with what its tokenizer_config.json says."""

    tokenizer: Tokenizer
    special: Mapping[str, str]
    config: Json

    def id(self, name: str) -> int:
        """Return the id of a special token by its role."""
        index = self.tokenizer.token_to_id(self.special[name])
        assert index is not None
        return index

    @property
    def size(self) -> int:
        return int(self.tokenizer.get_vocab_size())


@dataclass(frozen=True, slots=True)
class Embedder:
    """What sentence-transformers adds to an encoder; `dense` are the sizes that dense modules give."""

    pooling: PoolingMode
    max_length: int
    prompts: Mapping[str, str] = field(default_factory=dict)
    dense: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Foreign:
    """What transformers does not know and so cannot write: tensors by name, for a config.json.

    Another hand saves it with `changes` of config.json (None takes a key out) and `prefix` before the names.
    """

    shapes: Callable[[Json], Mapping[str, tuple[int, ...]]]
    changes: Callable[[Json], Json]
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A family as published: the transformers class with its weights, config.json and tokenizer.

    `config` makes config.json. `architecture` is the name there where it is not `network`. `renamed` is
    how the published tensors begin where transformers' own begin otherwise. `finish` is what publishers do
    to the directory after the libraries have written it. `saver` loads and saves it again; None:
    sentence-transformers an embedder, transformers any other.
    """

    network: str
    vocabulary: Callable[[], Vocabulary]
    config: Callable[[Vocabulary, Size], Json]
    sizes: Sizes
    embedder: Embedder | None = None
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    architecture: str | None = None
    shard_size: str = "1GB"
    renamed: tuple[str, str] | None = None
    foreign: Foreign | None = None
    finish: Callable[[Path, Size], None] | None = None
    saver: Saver | None = None
