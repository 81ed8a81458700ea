"""Special tokens by their role, as the files beside tokenizer.json name them."""

from pathlib import Path
from typing import Any

from .config import Config

FILES = ("tokenizer_config.json", "special_tokens_map.json")


def special_token(path: Path, role: str) -> str | None:
    """Return the text of a special token by its role (`mask_token`, `cls_token` …)."""
    for name in FILES:
        if (path / name).exists():
            text = content(Config.read(path / name).values.get(role))
            if text is not None:
                return text
    return None


def content(token: Any) -> str | None:
    """Return a special token's text: a string, or an object that holds it."""
    text = token.get("content") if isinstance(token, dict) else token
    return text if isinstance(text, str) else None
