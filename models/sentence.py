"""What sentence-transformers' files say beside the modules: prompts, length, and what kind of model it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vectord.errors import CheckpointError

from .config import Config, brief

SETTINGS = "config_sentence_transformers.json"
EMBEDDER = "SentenceTransformer"
# by what old versions named the file, in the order in which it is looked for
TRANSFORMER = ("bert", "roberta", "distilbert", "camembert", "albert", "xlm-roberta", "xlnet")


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


def read_limit(path: Path) -> int | None:
    """Return the max_seq_length of sentence-transformers, if it says one."""
    config = transformer_config(path)
    return config.size("max_seq_length") if config.has("max_seq_length") else None


def lower_cases(path: Path) -> bool:
    """Whether sentence-transformers lower-cases each text before the tokenizer sees it."""
    return transformer_config(path).switch("do_lower_case", False)


def transformer_config(path: Path) -> Config:
    """Return the first file of the Transformer module's settings that says anything; else an empty one."""
    for name in TRANSFORMER:
        file = path / f"sentence_{name}_config.json"
        if file.exists() and (config := Config.read(file)).values:
            return config
    return Config({}, path / f"sentence_{TRANSFORMER[0]}_config.json")
