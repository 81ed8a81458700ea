"""modules.json, followed: pooling, dense layers and normalising, as sentence-transformers declares them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vectord.core import Activation, Dense, Pooling, StoredTensor
from vectord.errors import CheckpointError

from .config import Config, read_json
from .stored import SINGLE, tensors_of

# sentence-transformers' word for each pooling, in its old form (a switch each) and its new one
MODES: dict[str, Pooling] = {
    "cls": "cls",
    "mean": "mean",
    "lasttoken": "last-token",
    "max": "max",
    "weightedmean": "weighted-mean",
    "mean_sqrt_len_tokens": "mean-sqrt",
}
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
    "SiLU": "silu",
}
POOLED, FOR_TOKENS = "sentence_embedding", "token_embeddings"
# each step of a head with the modules that can take it
STEPS = (
    ("Transformer", "MLMTransformer"),
    ("Pooling", "SpladePooling"),
    ("Dense",),
    ("MultiVectorMask", "Normalize"),
)
KINDS = tuple(kind for step in STEPS for kind in step)
# what may stand beside a module
BESIDE = {
    "Pooling": {"Transformer", "Dense", "Normalize"},
    "SpladePooling": {"Transformer", "MLMTransformer"},
}


@dataclass(frozen=True, slots=True)
class Modules:
    """The head in pieces, and the tensors of the dense layers.

    `folders` are those of the modules of each kind.
    """

    folders: Mapping[str, list[Path]]
    pooling: Pooling | None
    dense: tuple[Dense, ...]
    tensors: Mapping[str, StoredTensor]
    normalize: bool

    def has(self, kind: str) -> bool:
        """Whether there is a module of this kind."""
        return bool(self.folders[kind])


def read_modules(path: Path, pooling: Pooling | None = None) -> Modules | None:
    """Follow modules.json; None where there is none. Raises `CheckpointError`.

    `pooling` stands in for a pooling file that is missing.
    """
    if not (path / "modules.json").exists():
        return None
    folders: dict[str, list[Path]] = {kind: [] for kind in KINDS}
    for kind, folder in module_list(path):
        folders[kind].append(folder)
    found = [read_pooling(folder, pooling) for folder in folders["Pooling"]]
    dense: list[Dense] = []
    tensors: dict[str, StoredTensor] = {}
    places: set[str] = set()
    for folder in folders["Dense"]:
        config = Config.read(folder / "config.json")
        layer = read_dense(config, f"head.dense.{len(dense)}")
        places.add(dense_place(config))
        tensors.update(dense_tensors(folder, layer))
        dense.append(layer)
    normalize = bool(folders["Normalize"])
    if found and FOR_TOKENS in places:
        raise CheckpointError(
            f"{path / 'modules.json'}: a Dense of every token beside Pooling is not supported; "
            "such a model cannot be served"
        )
    return Modules(folders, found[0] if found else None, tuple(dense), tensors, normalize)


def module_list(path: Path) -> list[tuple[str, Path]]:
    """Return each module's class name and folder, in order; folders must lie inside the checkpoint."""
    file = path / "modules.json"
    entries = read_json(file)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CheckpointError(f"{file} must be a list of modules: fetch it again")
    modules = []
    for entry in entries:
        kind, place = entry.get("type"), entry.get("path")
        if not isinstance(kind, str) or not isinstance(place, str):
            raise CheckpointError(f"{file}: every module needs a type and a path; fetch the file again")
        parts = PurePosixPath(place)
        if parts.is_absolute() or ".." in parts.parts:
            raise CheckpointError(
                f"{file}: path {place[:80]!r} leaves the checkpoint, which is never followed"
            )
        modules.append((kind.rsplit(".", 1)[-1], path / place))
    check_order(file, [kind for kind, _ in modules])
    if modules[0][1] != path:
        raise CheckpointError(
            f"{file}: a Transformer in a folder of its own is not supported; save the model with "
            "sentence-transformers 3 or later"
        )
    return modules


def check_order(file: Path, kinds: list[str]) -> None:
    """Raise `CheckpointError` unless the modules are a head that can be expressed."""
    for kind in kinds:
        if kind not in KINDS:
            raise CheckpointError(
                f"{file}: module {kind[:80]!r} is not supported; only {', '.join(KINDS)} are"
            )
    ranks = [next(rank for rank, step in enumerate(STEPS) if kind in step) for kind in kinds]
    misfits = any(set(kinds) - {kind} - BESIDE[kind] for kind in kinds if kind in BESIDE)
    if misfits or ranks != sorted(ranks) or ranks.count(0) != 1 or ranks.count(1) > 1:
        raise CheckpointError(
            f"{file}: {', '.join(kinds) or 'no modules'} in this order is not supported; "
            "only Transformer, Pooling, Dense, Normalize is, with any number of Dense, "
            "Transformer, SpladePooling, and Transformer, Dense, MultiVectorMask, Normalize"
        )


def read_pooling(folder: Path, stand_in: Pooling | None) -> Pooling:
    """Return how token states become one vector."""
    file = folder / "config.json"
    if not file.exists():
        if stand_in is not None:
            return stand_in
        raise CheckpointError(
            f"{file} is missing: fetch it, or pass --pooling cls, mean or last-token as the model page says"
        )
    config = Config.read(file)
    if not config.switch("include_prompt", True):
        raise CheckpointError(
            f"{file}: include_prompt = false (prompts left out of pooling) is not supported; "
            "such a model cannot be served"
        )
    return pooling_mode(config)


def pooling_mode(config: Config) -> Pooling:
    """Return the one pooling that is switched on."""
    mode = config.values.get("pooling_mode")
    modes = [mode] if isinstance(mode, str) else mode
    if modes is None:
        modes = [word for key, word in SWITCHES.items() if config.switch(key, False)]
    if (
        not isinstance(modes, list)
        or len(modes) != 1
        or not isinstance(modes[0], str)
        or modes[0] not in MODES
    ):
        raise config.wrong("pooling_mode", f"one of {', '.join(MODES)}", modes)
    return MODES[modes[0]]


def read_dense(config: Config, name: str) -> Dense:
    """Return one dense layer."""
    config.refuse("use_residual", False)
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


def dense_place(config: Config) -> str:
    """Return what a dense layer takes and gives: the pooled state, or every token's."""
    place = config.word("module_input_name", POOLED)
    if place not in (POOLED, FOR_TOKENS):
        raise config.wrong("module_input_name", f"{POOLED} or {FOR_TOKENS}", place)
    config.refuse("module_output_name", place)
    return place


def dense_tensors(folder: Path, layer: Dense) -> dict[str, StoredTensor]:
    """Return a dense layer's tensors under our names."""
    file = folder / SINGLE
    if not file.exists():
        raise CheckpointError(f"{file} is missing: fetch it (pickles are neither fetched nor loaded)")
    stored = tensors_of(file)
    words = ("weight", "bias") if layer.bias else ("weight",)
    for word in words:
        if f"linear.{word}" not in stored:
            raise CheckpointError(f"{file} has no tensor linear.{word}: fetch it again")
    return {f"{layer.name}.{word}": stored[f"linear.{word}"] for word in words}
