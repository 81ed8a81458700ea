"""Jina's own XLM-RoBERTa as published: rotary with and without adapters, and a reranker that is neither."""

from functools import partial

from . import roberta
from .recipe import Embedder, Foreign, Json, Recipe, Size, Sizes, Vocabulary

SIZES: Sizes = {
    "small": Size(hidden=32, layers=2, heads=4, inner=64),
    "odd": Size(hidden=36, layers=3, heads=3, inner=50),
}
CODE = "jinaai/xlm-roberta-flash-implementation--"
TASKS = {
    "retrieval.query": "Represent the query for retrieving evidence documents: ",
    "retrieval.passage": "Represent the document for retrieval: ",
    "text-matching": "",
}


def config(words: Vocabulary, size: Size, adapted: bool, labels: tuple[str, ...] = ()) -> Json:
    """Return config.json; the second shape has adapters of another rank and weight."""
    small = size.layers == 2
    lora = {
        "lora_adaptations": list(TASKS) if adapted else None,
        "lora_alpha": 1 if small else 2,
        "lora_rank": 4 if small else 3,
        "task_instructions": TASKS if adapted else None,
    }
    rotary = {
        "max_position_embeddings": 8194,
        "position_embedding_type": "rotary",
        "rotary_emb_base": 20000.0,
    }
    return {
        **roberta.config(words, size, "xlm-roberta", labels),
        "auto_map": {
            "AutoConfig": f"{CODE}configuration_xlm_roberta.XLMRobertaFlashConfig",
            "AutoModel": f"{CODE}modeling_lora.XLMRobertaLoRA",
        },
        "emb_pooler": None,
        "load_trained_adapters": adapted,
        "lora_dropout_p": 0.0,
        "lora_main_params_trainable": False,
        "matryoshka_dimensions": [32, 64],
        "truncate_dim": None,
        "use_flash_attn": True,
        **lora,
        **({} if labels else rotary),
    }


def native(config: Json) -> Json:
    """Return transformers' words for the rotary network; others are its own XLM-RoBERTa."""
    if config.get("position_embedding_type") != "rotary":
        return {}
    rope = {"rope_type": "default", "rope_theta": config["rotary_emb_base"]}
    return {"model_type": "jina_embeddings_v3", "rope_parameters": rope}


def shapes(config: Json) -> dict[str, tuple[int, ...]]:
    """Return the tensors' shapes by name."""
    size, inner = config["hidden_size"], config["intermediate_size"]
    tables = {"word": config["vocab_size"], "token_type": config["type_vocab_size"]}
    if config["position_embedding_type"] == "absolute":
        tables["position"] = config["max_position_embeddings"]
    found: dict[str, tuple[int, ...]] = norm("emb_ln", size)
    for name, rows in tables.items():
        found.update(adapted(config, f"embeddings.{name}_embeddings", rows, size, table=True))
    products = {"mixer.Wqkv": (3 * size, size), "mixer.out_proj": (size, size)}
    products |= {"mlp.fc1": (inner, size), "mlp.fc2": (size, inner)}
    for layer in (f"encoder.layers.{index}" for index in range(config["num_hidden_layers"])):
        found |= norm(f"{layer}.norm1", size) | norm(f"{layer}.norm2", size)
        for name, sizes in products.items():
            found |= {**adapted(config, f"{layer}.{name}", *sizes), f"{layer}.{name}.bias": sizes[:1]}
    if "id2label" in config:
        for name, sizes in (("dense", (size, size)), ("out_proj", (len(config["id2label"]), size))):
            found |= {f"classifier.{name}.weight": sizes, f"classifier.{name}.bias": sizes[:1]}
    return {f"roberta.{name}" if "classifier" not in name else name: shape for name, shape in found.items()}


def norm(name: str, size: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a norm."""
    return {f"{name}.weight": (size,), f"{name}.bias": (size,)}


def adapted(
    config: Json, name: str, rows: int, columns: int, *, table: bool = False
) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a matrix or table and of what is added to it, if anything is."""
    if not config["lora_adaptations"]:
        return {f"{name}.weight": (rows, columns)}
    count, rank = len(config["lora_adaptations"]), config["lora_rank"]
    low = ((rows, rank), (rank, columns)) if table else ((rank, columns), (rows, rank))
    start = f"{name}.parametrizations.weight"
    return {
        f"{start}.original": (rows, columns),
        f"{start}.0.lora_A": (count, *low[0]),
        f"{start}.0.lora_B": (count, *low[1]),
    }


EMBEDDER = Embedder("mean_tokens", max_length=512, prompts=TASKS)
PLAIN = Recipe(
    "JinaEmbeddingsV3Model",
    roberta.vocabulary,
    partial(config, adapted=False),
    SIZES,
    EMBEDDER,
    architecture="XLMRobertaModel",
    renamed=("", "roberta."),
)
ADAPTED = Recipe(
    "XLMRobertaModel",
    roberta.vocabulary,
    partial(config, adapted=True),
    SIZES,
    EMBEDDER,
    dtype="bfloat16",
    foreign=Foreign(shapes, lambda config: {"transformers_version": "4.50.0"}),
)
RERANK = Recipe(
    "XLMRobertaForSequenceClassification",
    roberta.vocabulary,
    partial(config, adapted=False, labels=("LABEL_0",)),
    SIZES,
    foreign=Foreign(shapes, lambda config: {"transformers_version": "4.50.0"}),
)
