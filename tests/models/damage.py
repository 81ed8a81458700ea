"""Ways to damage a checkpoint, and what must be said of it."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vectord.errors import CheckpointError
from vectord.models.tokenizer import load_tokenizer

from .editing import card_at, edit, edit_weights, write

Damage = Callable[[Path], Any]
# what is done to a checkpoint, and the words that the error must have
Cases = dict[str, tuple[Damage, tuple[str, ...]]]
# what a user can do about it
ADVICE = (
    "fetch",
    "save",
    "give",
    "pass --pooling",
    "must be",
    "only",
    "use a checkpoint",
    "vectord knows",
    "not of one checkpoint",
    "is needed",
    "is never followed",
    "never opened",
    "cannot be served",
)
MODULES = "sentence_transformers.models"


def check(path: Path, *words: str) -> None:
    """Reading the checkpoint and its tokenizer fails with one line that has these words."""
    with pytest.raises(CheckpointError) as raised:
        card = card_at(path)
        load_tokenizer(card.path, card.network.vocab_size)
    text = str(raised.value)
    assert "\n" not in text
    assert len(text) < 500
    for word in words:
        assert word in text
    assert any(word in text for word in ADVICE), text


def config(**changes: Any) -> Damage:
    return lambda path: edit(path / "config.json", changes)


def text(name: str, content: str) -> Damage:
    def damage(path: Path) -> None:
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(content)

    return damage


def without(name: str) -> Damage:
    return lambda path: (path / name).unlink()


def weights(**changes: Any) -> Damage:
    return lambda path: edit_weights(path, **changes)


def modules(*kinds: str, folder: str = "1_Pooling") -> Damage:
    return lambda path: write(
        path / "modules.json",
        [
            {
                "type": f"{MODULES}.{kind}",
                "path": "" if kind == "Transformer" else folder,
                "idx": 0,
                "name": "0",
            }
            for kind in kinds
        ],
    )


def both(*damages: Damage) -> Damage:
    def damage(path: Path) -> None:
        for one in damages:
            one(path)

    return damage


def directory(name: str) -> Damage:
    def damage(path: Path) -> None:
        (path / name).unlink(missing_ok=True)
        (path / name).mkdir(parents=True)

    return damage


def index(content: Any) -> Damage:
    return both(
        without("model.safetensors"), lambda path: write(path / "model.safetensors.index.json", content)
    )


def shortened(by: int) -> Damage:
    def damage(path: Path) -> None:
        file = path / "model.safetensors"
        file.write_bytes(file.read_bytes()[:-by])

    return damage


def header(change: Callable[[dict[str, Any]], Any]) -> Damage:
    """Change the header of the weights and leave the rest."""

    def damage(path: Path) -> None:
        file = path / "model.safetensors"
        data = file.read_bytes()
        (length,) = struct.unpack("<Q", data[:8])
        entries = json.loads(data[8 : 8 + length])
        change(entries)
        made = json.dumps(entries).encode()
        file.write_bytes(struct.pack("<Q", len(made)) + made + data[8 + length :])

    return damage


def lie(**changes: Any) -> Damage:
    return header(lambda entries: entries["pooler.dense.bias"].update(changes))


def raw(content: bytes) -> Damage:
    return lambda path: (path / "model.safetensors").write_bytes(content)
