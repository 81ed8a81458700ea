"""Which head a checkpoint has: declared by its files, or chosen with `--task`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vectord.core import (
    Dense,
    Head,
    LateInteraction,
    PairPrompt,
    Scoring,
    StoredTensor,
    Task,
)
from vectord.errors import CheckpointError

from .checkpoint import Checkpoint
from .config import Config, brief
from .families.family import HeadReader
from .families.labels import scoring_of
from .language import answer_head, answer_ids, answer_tensors
from .late import is_late, late_head, late_interaction, late_tensors
from .multi import is_multi, multi_heads, multi_tensors
from .sentence import check_kind

SEQUENCE, TOKENS = "ForSequenceClassification", "ForTokenClassification"
MASKED, CAUSAL = "ForMaskedLM", "ForCausalLM"


@dataclass(frozen=True, slots=True)
class Declared:
    """Heads, and what goes with them; `tensors` are parameters already under our names."""

    heads: tuple[Head, ...]
    tensors: Mapping[str, StoredTensor] = field(default_factory=dict)
    scoring: Scoring = "softmax"
    pair_prompt: PairPrompt | None = None
    late: LateInteraction | None = None


def declared(c: Checkpoint, task: Task | None) -> Declared:
    """Return what the files declare, or what `task` asks of them. Raises `CheckpointError`."""
    return READERS[task or native_task(c)](c)


def native_task(c: Checkpoint) -> Task:
    """Return the task that the files are made for: sentence-transformers' first, then config.json's."""
    found = task_of_modules(c) or task_of_class(c)
    if found is not None:
        return found
    raise CheckpointError(
        f"{c.path} does not say how token vectors become one (no modules.json with a Pooling module): pass "
        f"--pooling cls, mean or last-token as its model page says, or --task ({', '.join(READERS)})"
    )


def task_of_modules(c: Checkpoint) -> Task | None:
    """Return the task of sentence-transformers' modules, or of ColBERT's files."""
    if is_late(c):
        return "embed_all"
    if c.modules is not None and c.modules.pooling is not None:
        return "embed"
    return "sparse" if c.modules is not None and c.modules.has("SpladePooling") else None


def task_of_class(c: Checkpoint) -> Task | None:
    """Return the task of config.json's class; one without a head of its own embeds if told how to pool."""
    if c.architecture(SEQUENCE):
        return "classify"
    if c.architecture(TOKENS):
        return "token_classify"
    if c.pooling is not None:
        return "embed"
    if c.architecture(MASKED) and c.family.masked_lm is not None:
        return "sparse"
    asks = c.architecture(CAUSAL) and c.family.pair_prompt is not None
    return "rerank" if asks and answer_ids(c) is not None else None


def embedder(c: Checkpoint) -> Declared:
    """Return one vector for each text; bge-m3 has more from the same pass."""
    modules = c.modules
    pooling = modules.pooling if modules is not None and modules.pooling is not None else c.pooling
    if pooling is None:
        raise CheckpointError(
            f"{c.path} does not say how token vectors become one (no modules.json with a Pooling module): "
            "pass --pooling cls, mean or last-token as its model page says"
        )
    check_kind(c.path)
    first = projection(c)
    dense = checked_chain(c, (*first, *(modules.dense if modules is not None else ())))[len(first) :]
    heads = Head("embedding", pooling, dense, first), Head("tokens", None, token_dense=first)
    if not is_multi(c):
        return Declared(heads)
    late = LateInteraction(first_token=False)
    return Declared((*heads, *multi_heads(c)), multi_tensors(c), late=late)


def token_vectors(c: Checkpoint) -> Declared:
    """Return a vector for each token: ColBERT's, or the network's own states."""
    if not is_late(c):
        return Declared((Head("tokens", None, token_dense=projection(c)),))
    head = late_head(c)
    checked_chain(c, head.token_dense)
    return Declared((head,), late_tensors(c), late=late_interaction(c))


def projection(c: Checkpoint) -> tuple[Dense, ...]:
    """Return the layer that the network's class puts behind its states, if there is one."""
    found = c.family.projection(c.config) if c.family.projection is not None else None
    return () if found is None else (found,)


def sparse(c: Checkpoint) -> Declared:
    """Return a weight for every token of the vocabulary (SPLADE), or what bge-m3 gives."""
    if is_multi(c):
        return embedder(c)
    if c.modules is not None:
        for folder in c.modules.folders["SpladePooling"]:
            config = Config.read(folder / "config.json")
            config.refuse("pooling_strategy", "max")
            config.refuse("activation_function", "relu")
    return Declared((head_by(c, MASKED, c.family.masked_lm),))


def ranker(c: Checkpoint) -> Declared:
    """Return scores of pairs: a classifier of one label, a language model, or vectors to compare."""
    if c.architecture(SEQUENCE):
        found = classifier(c)
        labels = found.heads[0].width(c.network.hidden_size)
        if labels != 1:
            raise CheckpointError(
                f"{c.config.path} has {labels} labels; a reranker has one: use --task classify"
            )
        return found
    if is_late(c):
        return token_vectors(c)
    if (c.modules is not None and c.modules.pooling is not None) or not c.architecture(CAUSAL):
        return embedder(c)
    ids = answer_ids(c)
    if c.family.pair_prompt is None or ids is None:
        raise CheckpointError(
            f"{c.path}: no prompt is known that makes {c.family.name} a reranker, or its tokenizer has no "
            "single tokens yes and no; such a model cannot rerank"
        )
    return Declared((answer_head(c),), answer_tensors(c, ids), pair_prompt=c.family.pair_prompt)


def classifier(c: Checkpoint) -> Declared:
    """Return scores of labels for a text or a pair."""
    return Declared((head_by(c, SEQUENCE, c.family.classifier),), scoring=scoring_of(c.config))


def token_classifier(c: Checkpoint) -> Declared:
    """Return scores of labels for every token."""
    return Declared((head_by(c, TOKENS, c.family.token_classifier),))


READERS: dict[Task, Callable[[Checkpoint], Declared]] = {
    "embed": embedder,
    "embed_all": token_vectors,
    "sparse": sparse,
    "rerank": ranker,
    "classify": classifier,
    "token_classify": token_classifier,
}


def head_by(c: Checkpoint, suffix: str, reader: HeadReader | None) -> Head:
    """Return the head of a class that the family declares."""
    name = c.architecture(suffix)
    if name is None:
        wanted = f"a class that ends in {suffix}"
        raise c.config.wrong("architectures", wanted, c.config.words("architectures"))
    if reader is None:
        raise CheckpointError(
            f"{c.config.path}: {brief(name)} is not supported; of {c.family.name} only embedders are"
        )
    return reader(c.config)


def checked_chain(c: Checkpoint, layers: tuple[Dense, ...]) -> tuple[Dense, ...]:
    """Return the dense layers if each takes what the one before gives."""
    size = c.network.hidden_size
    for dense in layers:
        if dense.in_size != size:
            raise CheckpointError(
                f"{c.path}: a Dense module takes {dense.in_size} values but gets {size}: "
                "config.json and modules are not of one checkpoint"
            )
        size = dense.out_size
    return layers


def tasks_of(heads: tuple[Head, ...], hidden_size: int) -> tuple[Task, ...]:
    """Return what heads can do, the native task first; vectors rerank by similarity."""
    outputs = [head.output for head in heads]
    tasks: list[Task] = []
    for output in outputs:
        tasks += [task for task in TASKS[output] if task not in tasks]
    if outputs == ["logits"]:
        if any(dense.parts for dense in heads[0].dense):
            return ("rerank",)
        return ("rerank", "classify") if heads[0].width(hidden_size) == 1 else ("classify",)
    return tuple(tasks)


TASKS: dict[str, tuple[Task, ...]] = {
    "embedding": ("embed", "rerank"),
    "tokens": ("embed_all",),
    "vectors": ("embed_all", "rerank"),
    "weights": ("sparse",),
    "sparse": ("sparse",),
    "logits": (),
    "token_logits": ("token_classify",),
}
