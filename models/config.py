"""A checkpoint's JSON files, read with types and bounds, so that a wrong value is one clear line."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from vectord.core import Activation
from vectord.errors import CheckpointError

# transformers' words for the activations that `vectord.core.Activation` names
ACTIVATIONS: dict[str, Activation] = {
    "gelu": "gelu",
    "gelu_python": "gelu",
    "gelu_new": "gelu_tanh",
    "gelu_pytorch_tanh": "gelu_tanh",
    "gelu_fast": "gelu_tanh",
    "relu": "relu",
    "silu": "silu",
    "swish": "silu",
    "tanh": "tanh",
    "linear": "identity",
}
LARGEST = 2**24  # no size in a config is larger; a larger one is damage


def read_json(path: Path) -> Any:
    """Return a JSON file's content. Raises `CheckpointError`."""
    if not path.exists():
        raise CheckpointError(f"{path} is missing: the checkpoint is not whole, fetch it again")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"{path} cannot be read as JSON: {brief(error)}; fetch it again") from None


def brief(value: object) -> str:
    """Return what a value says in one short line."""
    return " ".join(str(value).split())[:200]


class Config:
    """One JSON object; every getter names the file and the key when the value makes no sense."""

    def __init__(self, values: Mapping[str, Any], path: Path) -> None:
        self.values = values
        self.path = path

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file that must hold an object."""
        values = read_json(path)
        if not isinstance(values, dict):
            raise CheckpointError(
                f"{path} must hold a JSON object, not {type(values).__name__}; fetch it again"
            )
        return cls(values, path)

    def has(self, key: str) -> bool:
        """Whether the key is there and not null."""
        return self.values.get(key) is not None

    def size(self, key: str, default: int | None = None, *, least: int = 1, most: int = LARGEST) -> int:
        """Return a whole number within bounds."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong(key, "a whole number", value)
        if not least <= value <= most:
            raise self.wrong(key, f"from {least} to {most}", value)
        return value

    def number(self, key: str, default: float | None = None) -> float:
        """Return a positive finite number."""
        value = self._get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
            raise self.wrong(key, "a positive number", value)
        return float(value)

    def switch(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false", value)
        return value

    def word(self, key: str, default: str | None = None) -> str:
        """Return a text."""
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self.wrong(key, "a text", value)
        return value

    def words(self, key: str) -> list[str]:
        """Return a list of texts; none where the key is absent."""
        value = self.values.get(key) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, "a list of texts", value)
        return value

    def section(self, key: str) -> "Config":
        """Return a nested object; empty where the key is absent."""
        value = self.values.get(key) or {}
        if not isinstance(value, dict):
            raise self.wrong(key, "an object", value)
        return Config(value, self.path)

    def activation(self, key: str, default: str | None = None) -> Activation:
        """Return an activation by transformers' name for it."""
        word = self.word(key, default)
        if word not in ACTIVATIONS:
            raise self.wrong(key, f"one of {', '.join(sorted(ACTIVATIONS))}", word)
        return ACTIVATIONS[word]

    def refuse(self, key: str, *harmless: Any) -> None:
        """Refuse any value of a key but those that change nothing."""
        value = self.values.get(key)
        if value is not None and value not in harmless:
            raise CheckpointError(
                f"{self.path}: {key} = {brief(value)} is not supported; such a model cannot be served"
            )

    def wrong(self, key: str, wanted: str, value: Any) -> CheckpointError:
        """Return the error for a value that makes no sense."""
        return CheckpointError(f"{self.path}: {key} must be {wanted}, not {brief(value)[:80]!r}")

    def _get(self, key: str, default: Any) -> Any:
        value = self.values.get(key)
        if value is not None:
            return value
        if default is None:
            raise CheckpointError(f"{self.path}: {key} is missing; fetch the file again")
        return default
