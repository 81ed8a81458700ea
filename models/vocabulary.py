"""Token ids by their text and by their role, for heads that name tokens."""

from functools import cached_property
from pathlib import Path

import tokenizers

from .roles import special_token
from .tokenizer import open_tokenizer


class Vocabulary:
    """The tokens of a checkpoint's tokenizer.json, which is opened when one is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def id(self, token: str) -> int | None:
        """Return the id of a token by its exact text."""
        found = self._tokenizer.token_to_id(token)
        return None if found is None else int(found)

    def ids(self, tokens: list[str]) -> frozenset[int]:
        """Return the ids of those tokens that are in the vocabulary, the unknown token's left out."""
        unknown = self.special("unk_token")
        found = {self.id(token) for token in tokens}
        return frozenset(one for one in found if one is not None and one != unknown)

    def special(self, role: str) -> int | None:
        """Return the id of a special token by its role (`mask_token`, `cls_token` …)."""
        text = special_token(self._path, role)
        return None if text is None else self.id(text)

    @cached_property
    def _tokenizer(self) -> tokenizers.Tokenizer:
        # large ones take half a second
        return open_tokenizer(self._path)
