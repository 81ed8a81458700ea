"""A checkpoint directory to a `ModelCard`, fully checked before any weight is read."""

from collections.abc import Mapping
from pathlib import Path

from vectord.core import Arch, Head, ModelCard, Pooling, Task
from vectord.errors import CheckpointError

from .config import Config, brief
from .families import FAMILIES, Family
from .families.labels import labels
from .fingerprint import fingerprint
from .modules import Modules, read_modules
from .named import named_tensors
from .resolve import Place
from .sentence import check_kind, read_limit, read_prompts
from .stored import stored_tensors, weight_files
from .tokenizer import model_max_length

CLASSIFIER = "ForSequenceClassification"


def read_card(name: str, place: Place, pooling: Pooling | None = None) -> ModelCard:
    """Read and check a checkpoint. Raises `CheckpointError` with one line that says what to do.

    `pooling` is used only where the checkpoint does not name its own.
    """
    path = place.path
    if not (path / "config.json").exists():
        raise CheckpointError(f"{path} has no config.json: give the directory of a checkpoint")
    config = Config.read(path / "config.json")
    family = family_of(config)
    arch = family.arch(config)
    modules = read_modules(path, pooling)
    head = head_of(config, family, arch, modules, pooling)
    stored = {**stored_tensors(path), **(modules.tensors if modules else {})}
    prompts = read_prompts(path)
    embeds = head.output == "embedding"
    names = labels(config) if not embeds else ()
    return ModelCard(
        name=name,
        source=place.source,
        path=path,
        revision=place.revision,
        fingerprint=fingerprint(vector_files(path), vector_words(head, modules, prompts.by_name)),
        family=family.name,
        arch=arch,
        head=head,
        tasks=tasks_of(head),
        normalize=bool(modules and modules.normalize),
        prompts=prompts.by_name,
        default_prompt=prompts.default,
        max_length=max_length(path, arch),
        pad_id=pad_id(config, arch),
        labels=names,
        tensors=named_tensors(path, family, arch, head, stored),
    )


def family_of(config: Config) -> Family:
    """Return the family that declares the config's model_type."""
    word = config.word("model_type")
    if word not in FAMILIES:
        known = ", ".join(sorted(FAMILIES))
        raise CheckpointError(f"{config.path}: unknown architecture {brief(word)!r}; vectord knows {known}")
    return FAMILIES[word]


def head_of(
    config: Config, family: Family, arch: Arch, modules: Modules | None, pooling: Pooling | None
) -> Head:
    """Return the head that the files declare: sentence-transformers' first, then the architecture's."""
    dense = modules.dense if modules is not None else ()
    if modules is not None and modules.pooling is not None:
        check_kind(config.path.parent)
        return checked_chain(config, arch, Head("embedding", modules.pooling, dense))
    for name in config.words("architectures"):
        if name.endswith(CLASSIFIER):
            if family.classifier is None:
                raise CheckpointError(
                    f"{config.path}: {brief(name)} is not supported; of {family.name} only embedders are"
                )
            return family.classifier(config)
    if pooling is not None:
        return checked_chain(config, arch, Head("embedding", pooling, dense))
    raise CheckpointError(
        f"{config.path.parent} does not say how token vectors become one (no modules.json with a Pooling "
        "module): pass --pooling cls, mean or last-token as its model page says"
    )


def checked_chain(config: Config, arch: Arch, head: Head) -> Head:
    """Return the head if each dense layer takes what the one before gives."""
    size = arch.hidden_size
    for dense in head.dense:
        if dense.in_size != size:
            raise CheckpointError(
                f"{config.path.parent}: a Dense module takes {dense.in_size} values but gets {size}: "
                "config.json and modules are not of one checkpoint"
            )
        size = dense.out_size
    return head


def tasks_of(head: Head) -> tuple[Task, ...]:
    """Return what a head can do, its native task first; an embedder reranks by cosine."""
    if head.output == "embedding":
        return ("embed", "rerank")
    return ("rerank",) if head.dense[-1].out_size == 1 else ("classify",)


def max_length(path: Path, arch: Arch) -> int:
    """Return the limit in tokens: sentence-transformers', else the tokenizer's, within the network's."""
    limit = read_limit(path) or model_max_length(path) or arch.max_positions
    return min(limit, arch.max_positions)


def pad_id(config: Config, arch: Arch) -> int:
    """Return the id that fills padded rows; any will do, since padding is masked."""
    if not config.has("pad_token_id"):
        return 0
    return config.size("pad_token_id", least=0, most=arch.embedding.vocab_size - 1)


def vector_files(path: Path) -> list[Path]:
    """Return the files whose content decides the vectors."""
    found = {*path.glob("*.json"), *path.glob("*/config.json"), *path.glob("*/*.safetensors")}
    return [*sorted(file for file in found if file.is_file()), *weight_files(path)]


def vector_words(head: Head, modules: Modules | None, prompts: Mapping[str, str]) -> list[str]:
    """Return the choices that decide the vectors beside the files."""
    return [head.output, head.pooling, str(bool(modules and modules.normalize)), *map(str, prompts.items())]
