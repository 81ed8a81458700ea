"""A checkpoint as transformers' own class for it: never remote code, never weights made up."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import transformers
from transformers import PreTrainedConfig, PreTrainedModel
from transformers.models.auto import modeling_auto as auto

from vectord.core import Dtype, ModelCard
from vectord.errors import CheckpointError
from vectord.models.config import Config, brief

DTYPES: dict[Dtype, torch.dtype] = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
}
# how a config.json asks for code of its own, or for attention that may not be installed
DROPPED = ("auto_map", "attn_implementation", "_attn_implementation")


def open_model(card: ModelCard, dtype: Dtype) -> PreTrainedModel:
    """Load the weights into transformers' class. Raises `CheckpointError`."""
    if (card.path / "adapter_config.json").exists():
        raise CheckpointError(f"{card.path / 'adapter_config.json'}: adapters are not supported: merge them")
    config = native_config(Config.read(card.path / "config.json"))
    model, report = class_for(card, config).from_pretrained(
        card.path,
        config=config,
        dtype=DTYPES[dtype],
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        output_loading_info=True,
    )
    check_whole(card, report["missing_keys"])
    return model.eval()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from reporting on standard error."""
    logs = transformers.logging
    level, bars = logs.get_verbosity(), logs.is_progress_bar_enabled()
    logs.set_verbosity_error()
    logs.disable_progress_bar()
    try:
        yield
    finally:
        logs.set_verbosity(level)
        if bars:
            logs.enable_progress_bar()


def native_config(config: Config) -> PreTrainedConfig:
    """Return config.json as transformers' class for its model_type; what it says of code is left out."""
    config.refuse("quantization_config")
    name = config.word("model_type")
    if name not in transformers.CONFIG_MAPPING:
        raise CheckpointError(f"{config.path}: transformers does not know {brief(name)[:80]!r} after all")
    values = {key: value for key, value in config.values.items() if key not in DROPPED}
    return transformers.CONFIG_MAPPING[name].from_dict(values)


def class_for(card: ModelCard, config: PreTrainedConfig) -> Any:
    """Return the class with the head that the card has; of an encoder with a decoder, the encoder."""
    match card.head.output:
        case "logits":
            return transformers.AutoModelForSequenceClassification
        case "token_logits":
            return transformers.AutoModelForTokenClassification
        case _:
            if type(config) in auto.MODEL_FOR_TEXT_ENCODING_MAPPING:
                return transformers.AutoModelForTextEncoding
            return transformers.AutoModel


def check_whole(card: ModelCard, missing: set[str]) -> None:
    """Raise `CheckpointError` for weights that transformers would make up.

    A pooler may be missing where nothing reads it.
    """
    needed = [key for key in sorted(missing) if card.head.given is not None or not key.startswith("pooler.")]
    if needed:
        raise CheckpointError(
            f"{card.path} has no tensor {brief(needed[0])}, which {card.family} needs: the checkpoint is not "
            "whole, fetch or save it again"
        )
