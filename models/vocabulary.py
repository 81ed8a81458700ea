"""Token ids by their text and by their role, for heads that name tokens."""

from pathlib import Path
from typing import Any

from .config import Config
from .tokenizer import open_tokenizer

ROLE_FILES = ("tokenizer_config.json", "special_tokens_map.json")


class Vocabulary:
    """The tokens of a checkpoint's tokenizer.json."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tokenizer = open_tokenizer(path)

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
        for name in ROLE_FILES:
            if (self._path / name).exists():
                text = content(Config.read(self._path / name).values.get(role))
                if text is not None:
                    return self.id(text)
        return None


def content(token: Any) -> str | None:
    """Return a special token's text: a string, or an object that holds it."""
    text = token.get("content") if isinstance(token, dict) else token
    return text if isinstance(text, str) else None
