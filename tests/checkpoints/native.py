"""Checkpoints that transformers knows under another name, translated for it."""

import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory, mkdtemp

from . import gte, jina_v3, nomic
from .layout import write_json
from .recipe import Json

FOLDER = TemporaryDirectory()  # goes when the process ends
# what config.json says in transformers' own words, by the model_type that repositories write
WORDS: dict[str, Callable[[Json], Json]] = {
    "llama_bidirec": lambda config: {"model_type": "llama", "is_causal": False},
    "new": gte.native,
    "nomic_bert": nomic.native,
    "xlm-roberta": jina_v3.native,
}


def native_config(config: Json) -> Json:
    """Return a config.json that transformers reads."""
    words = WORDS.get(config["model_type"])
    return {**config, **words(config)} if words is not None else config


def native(path: Path) -> Path:
    """Return a checkpoint that transformers reads: this one, or a translated copy of it."""
    config = json.loads((path / "config.json").read_text())
    if config["model_type"] not in WORDS:
        return path
    copy = Path(copytree(path, Path(mkdtemp(dir=FOLDER.name)) / path.name))
    write_json(copy / "config.json", native_config(config))
    return copy
