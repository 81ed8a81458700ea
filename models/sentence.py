"""What sentence-transformers' files declare: pooling, dense layers, normalising, prompts, length."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vectord.core import Activation, Dense, Pooling, StoredTensor
from vectord.errors import CheckpointError

from .config import Config, read_json
from .stored import SINGLE, tensors_of

# sentence-transformers' word for each pooling, in its old form (a switch each) and its new one
MODES: dict[str, Pooling] = {"cls": "cls", "mean": "mean", "lasttoken": "last-token"}
SWITCHES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
DENSE_ACTIVATIONS: dict[str, Activation] = {
    "Identity": "identity",
    "Tanh": "tanh",
    "GELU": "gelu",
    "ReLU": "relu",
}


@dataclass(frozen=True, slots=True)
class Modules:
    """modules.json, followed: the head in pieces, and the tensors of the dense layers."""

    pooling: Pooling | None
    dense: tuple[Dense, ...]
    tensors: Mapping[str, StoredTensor]
    normalize: bool


@dataclass(frozen=True, slots=True)
class Prompts:
    """Texts to put before inputs, by name."""

    by_name: Mapping[str, str]
    default: str | None


def read_modules(path: Path) -> Modules | None:
    """Follow modules.json; None where there is none. Raises `CheckpointError`."""
    if not (path / "modules.json").exists():
        return None
    pooling: Pooling | None = None
    dense: list[Dense] = []
    tensors: dict[str, StoredTensor] = {}
    normalize = False
    for kind, folder in module_list(path):
        match kind:
            case "Transformer":
                if folder != path:
                    raise CheckpointError(
                        f"{path / 'modules.json'}: a Transformer in a folder of its own is not supported"
                    )
            case "Pooling":
                pooling = read_pooling(Config.read(folder / "config.json"))
            case "Dense":
                layer = read_dense(Config.read(folder / "config.json"), f"head.dense.{len(dense)}")
                tensors.update(dense_tensors(folder, layer.name))
                dense.append(layer)
            case "Normalize":
                normalize = True
            case _:
                raise CheckpointError(f"{path / 'modules.json'}: module {kind!r} is not supported")
    return Modules(pooling, tuple(dense), tensors, normalize)


def module_list(path: Path) -> list[tuple[str, Path]]:
    """Return each module's class name and folder, in order; folders must lie inside the checkpoint."""
    file = path / "modules.json"
    entries = read_json(file)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CheckpointError(f"{file} must be a list of modules")
    modules = []
    for entry in entries:
        kind, place = entry.get("type"), entry.get("path")
        if not isinstance(kind, str) or not isinstance(place, str):
            raise CheckpointError(f"{file}: every module needs a type and a path")
        parts = PurePosixPath(place)
        if parts.is_absolute() or ".." in parts.parts:
            raise CheckpointError(f"{file}: path {place[:80]!r} leaves the checkpoint")
        modules.append((kind.rsplit(".", 1)[-1], path / place))
    return modules


def read_pooling(config: Config) -> Pooling:
    """Return how token states become one vector."""
    mode = config.values.get("pooling_mode")
    modes = [mode] if isinstance(mode, str) else mode
    if modes is None:
        modes = [word for key, word in SWITCHES.items() if config.switch(key, False)]
    if not isinstance(modes, list) or len(modes) != 1 or modes[0] not in MODES:
        raise config.wrong("pooling_mode", f"one of {', '.join(MODES)}", modes)
    if not config.switch("include_prompt", True):
        raise CheckpointError(
            f"{config.path}: include_prompt = false (prompts left out of pooling) is not supported"
        )
    return MODES[modes[0]]


def read_dense(config: Config, name: str) -> Dense:
    """Return one dense layer."""
    word = config.word("activation_function", "torch.nn.modules.activation.Tanh").rsplit(".", 1)[-1]
    if word not in DENSE_ACTIVATIONS:
        raise config.wrong("activation_function", f"one of {', '.join(DENSE_ACTIVATIONS)}", word)
    return Dense(
        name,
        config.size("in_features"),
        config.size("out_features"),
        config.switch("bias", True),
        DENSE_ACTIVATIONS[word],
    )


def dense_tensors(folder: Path, name: str) -> dict[str, StoredTensor]:
    """Return a dense layer's tensors under our names."""
    if not (folder / SINGLE).exists():
        raise CheckpointError(f"{folder / SINGLE} is missing (pickled weights are never loaded)")
    return {
        stored.replace("linear", name, 1): tensor for stored, tensor in tensors_of(folder / SINGLE).items()
    }


def read_prompts(path: Path) -> Prompts:
    """Return the prompts of config_sentence_transformers.json; none where it is absent."""
    file = path / "config_sentence_transformers.json"
    if not file.exists():
        return Prompts({}, None)
    config = Config.read(file)
    prompts = config.section("prompts").values
    if not all(isinstance(text, str) for text in prompts.values()):
        raise config.wrong("prompts", "texts by name", prompts)
    default = config.word("default_prompt_name") if config.has("default_prompt_name") else None
    if default is not None and default not in prompts:
        raise config.wrong("default_prompt_name", f"one of {', '.join(prompts) or 'no prompts'}", default)
    return Prompts(prompts, default)


def read_limit(path: Path) -> int | None:
    """Return max_seq_length of sentence_bert_config.json, if it says one."""
    file = path / "sentence_bert_config.json"
    if not file.exists():
        return None
    config = Config.read(file)
    config.refuse("do_lower_case", False)
    return config.size("max_seq_length") if config.has("max_seq_length") else None
