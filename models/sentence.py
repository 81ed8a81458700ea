"""What sentence-transformers' files say beside the modules: prompts, length, and what kind of model it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vectord.errors import CheckpointError

from .config import Config, brief
from .tokenizer import model_max_length

SETTINGS = "config_sentence_transformers.json"
EMBEDDER = "SentenceTransformer"


@dataclass(frozen=True, slots=True)
class Prompts:
    """Texts to put before inputs, by name."""

    by_name: Mapping[str, str]
    default: str | None


def read_prompts(path: Path) -> Prompts:
    """Return the prompts of config_sentence_transformers.json; none where it is absent."""
    file = path / SETTINGS
    if not file.exists():
        return Prompts({}, None)
    config = Config.read(file)
    prompts = config.section("prompts").values
    if not all(isinstance(text, str) for text in prompts.values()):
        raise config.wrong("prompts", "texts by name", prompts)
    default = config.word("default_prompt_name") if config.has("default_prompt_name") else None
    if default is not None and default not in prompts:
        raise config.wrong(
            "default_prompt_name", f"one of {brief(', '.join(prompts)) or 'no prompts'}", default
        )
    return Prompts(prompts, default)


def model_kind(path: Path) -> str:
    """Return sentence-transformers' class of the model: SentenceTransformer, SparseEncoder, ColBERT …"""
    file = path / SETTINGS
    return Config.read(file).word("model_type", EMBEDDER) if file.exists() else EMBEDDER


def check_kind(path: Path) -> None:
    """Refuse modules that are not an embedder's: a CrossEncoder of modules looks like one."""
    kind = model_kind(path)
    if kind != EMBEDDER:
        raise CheckpointError(
            f"{path / SETTINGS}: a {brief(kind)} made of modules is not supported; only embedders are"
        )


def stated_limit(path: Path, positions: int) -> int:
    """Return the limit in tokens: sentence-transformers', else the tokenizer's, within the network's."""
    return min(read_limit(path) or model_max_length(path) or positions, positions)


def read_limit(path: Path) -> int | None:
    """Return max_seq_length of sentence_bert_config.json, if it says one."""
    file = path / "sentence_bert_config.json"
    if not file.exists():
        return None
    config = Config.read(file)
    config.refuse("do_lower_case", False)
    return config.size("max_seq_length") if config.has("max_seq_length") else None
