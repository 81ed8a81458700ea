"""A checkpoint directory to a `ModelCard`, fully checked before any weight is read."""

from collections.abc import Mapping
from pathlib import Path

from vectord.core import (
    Arch,
    Foreign,
    Head,
    LateInteraction,
    ModelCard,
    Network,
    Output,
    Pooling,
    StoredTensor,
    Task,
)
from vectord.errors import CheckpointError

from .checkpoint import Checkpoint
from .config import Config
from .families import FAMILIES, Family
from .families.labels import labels
from .families.measured import keeps_bfloat16
from .fingerprint import fingerprint
from .heads import Declared, declared, tasks_of
from .limit import stated_limit
from .modules import read_modules
from .named import named_tensors
from .resolve import Place
from .sentence import read_prompts
from .stored import METADATA, PARTS, is_stored, stored_tensors, weight_files
from .undeclared import has_own_file, undeclared
from .vocabulary import Vocabulary

LABELLED: tuple[Output, ...] = ("logits", "token_logits")


def read_card(
    name: str,
    place: Place,
    pooling: Pooling | None = None,
    task: Task | None = None,
    added_prompts: Mapping[str, str] | None = None,
) -> ModelCard:
    """Read and check a checkpoint. Raises `CheckpointError` with one line that says what to do.

    `pooling` is used only where the checkpoint does not name its own; `task` says what the model is
    for where the files do not, or can do more than one thing; `added_prompts` join the checkpoint's own.
    """
    path = place.path
    if not (path / "config.json").exists():
        raise CheckpointError(f"{path} has no config.json: give the directory of a checkpoint")
    config = Config.read(path / "config.json")
    family = runnable(family_of(config), path)
    network = family.arch(config)
    modules = read_modules(path, pooling)
    stored = {**network_tensors(path, network), **(modules.tensors if modules else {})}
    vocabulary = Vocabulary(path)
    checkpoint = Checkpoint(path, config, family, network, modules, stored, pooling, vocabulary)
    found = declared(checkpoint, task)
    prompts = read_prompts(path)
    texts = {**prompts.by_name, **(added_prompts or {})}
    normalize = bool(modules and modules.normalize)
    return ModelCard(
        name=name,
        source=place.source,
        path=path,
        revision=place.revision,
        fingerprint=fingerprint(vector_files(path, network), vector_words(found, normalize, texts)),
        family=family.name,
        network=network,
        heads=found.heads,
        tasks=tasks_of(found.heads, task, network.hidden_size),
        normalize=normalize,
        prompts=texts,
        default_prompt=prompts.default,
        max_length=max_length(path, network, found.late),
        pad_id=pad_id(config, network),
        labels=labels(config) if found.heads[0].output in LABELLED else (),
        tensors=named_tensors(path, family, network, found.heads, {**stored, **found.tensors}),
        scoring=found.scoring,
        pair_prompt=found.pair_prompt,
        late=found.late,
        norm_before_cut=family.norm_before_cut,
        keeps_bfloat16=all(keeps_bfloat16(family.name, output) for output in rounded_outputs(found.heads)),
        special_ids=special_ids(found.heads, vocabulary),
    )


def rounded_outputs(heads: tuple[Head, ...]) -> list[Output]:
    """Return the outputs that a lower precision must keep right; states stand beside what is made of them."""
    return [head.output for head in heads if head.output != "tokens"] or ["tokens"]


def family_of(config: Config) -> Family:
    """Return the first family of the config's model_type that claims it, or a stand-in where none does."""
    word = config.word("model_type")
    for family in FAMILIES.get(word, ()):
        if family.claims is None or family.claims(config):
            return family
    return undeclared(word)


def runnable(family: Family, path: Path) -> Family:
    """Return the family, or a stand-in where only the checkpoint's own ONNX or OpenVINO file has weights."""
    if is_stored(path) or not has_own_file(path):
        return family
    return undeclared(family.model_type, declared=bool(family.names))  # a stand-in names nothing


def network_tensors(path: Path, network: Network) -> dict[str, StoredTensor]:
    """Return the stored tensors; a foreign network may have none beside its own file."""
    match network:
        case Foreign(stored=False):
            return {}
        case Arch() | Foreign():
            return stored_tensors(path)


def max_length(path: Path, network: Network, late: LateInteraction | None) -> int:
    """Return the limit in tokens; a ColBERT model states one for queries and one for documents."""
    lengths = [late.query_length, late.document_length] if late is not None else []
    own = [length for length in lengths if length is not None]
    return max(own) if own else stated_limit(path, network.max_positions)


def pad_id(config: Config, network: Network) -> int:
    """Return the id that fills padded rows; any will do, since padding is masked."""
    if not config.has("pad_token_id"):
        return 0
    return config.size("pad_token_id", least=0, most=network.vocab_size - 1)


def vector_files(path: Path, network: Network) -> list[Path]:
    """Return the files whose content decides the vectors."""
    parts = (path / name for name in (METADATA, *PARTS))
    found = {*path.glob("*.json"), *path.glob("*/config.json"), *path.glob("*/*.safetensors"), *parts}
    return [*sorted(file for file in found if file.is_file()), *network_files(path, network)]


def network_files(path: Path, network: Network) -> list[Path]:
    """Return the files that hold the network: whichever of them is run, its digest has to show it."""
    match network:
        case Arch():
            return weight_files(path)
        case Foreign():
            own = [one for file in network.own_files for one in (file.path, *file.beside)]
            return own + (weight_files(path) if network.stored else [])


def vector_words(found: Declared, normalize: bool, prompts: Mapping[str, str]) -> list[str]:
    """Return the choices that decide the vectors beside the files."""
    return [str(found.heads), str(normalize), *map(str, prompts.items())]


def special_ids(heads: tuple[Head, ...], vocabulary: Vocabulary) -> frozenset[int]:
    """Return the ids to which bge-m3 gives no lexical weight."""
    if all(head.output != "weights" for head in heads):
        return frozenset()
    found = (vocabulary.special(role) for role in ("cls_token", "eos_token", "pad_token", "unk_token"))
    return frozenset(one for one in found if one is not None)
