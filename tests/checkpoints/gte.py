"""Alibaba GTE as published: model_type `new`, fused projections, sometimes `new.` before the names."""

from collections.abc import Callable

from . import bert, roberta
from .recipe import Embedder, Json, Recipe, Size, Vocabulary

CODE = "Alibaba-NLP/new-impl--"
# what snowflake-arctic-embed-m-v2.0 says otherwise
UNSTRETCHED: Json = {"model_type": "gte", "rope_scaling": None, "auto_map": {}}


def config(
    words: Vocabulary,
    size: Size,
    dtype: str,
    theta: float,
    factor: float,
    types: int,
    labels: tuple[str, ...],
) -> Json:
    """Return config.json; `factor` stretches the rotation, `labels` are those of a classifier."""
    out: Json = {
        "model_type": "new",
        "attention_probs_dropout_prob": 0.0,
        "auto_map": {"AutoConfig": f"{CODE}configuration.NewConfig", "AutoModel": f"{CODE}modeling.NewModel"},
        "classifier_dropout": None,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": size.hidden,
        "initializer_range": 0.02,
        "intermediate_size": size.inner,
        "layer_norm_eps": 1e-12,
        "layer_norm_type": "layer_norm",
        "logn_attention_clip1": False,
        "logn_attention_scale": False,
        "max_position_embeddings": 8192,
        "num_attention_heads": size.heads,
        "num_hidden_layers": size.layers,
        "pack_qkv": True,
        "pad_token_id": words.id("pad_token"),
        "position_embedding_type": "rope",
        "rope_scaling": {"factor": factor, "type": "ntk"},
        "rope_theta": theta,
        "torch_dtype": dtype,
        "transformers_version": "4.39.1",
        "type_vocab_size": types,
        "unpad_inputs": False,
        "use_memory_efficient_attention": False,
        "vocab_size": words.size,
    }
    if labels:
        out["id2label"] = {str(index): label for index, label in enumerate(labels)}
        out["label2id"] = {label: index for index, label in enumerate(labels)}
    return out


def native(config: Json) -> Json:
    """Return transformers' words: its "linear" divides the rates by what GTE's "ntk" does."""
    factor, size = config["rope_scaling"]["factor"], config["hidden_size"] // config["num_attention_heads"]
    stretch = {"rope_theta": config["rope_theta"] * factor, "factor": factor ** (2 / size)}
    return {
        "model_type": "gte",
        "architectures": [config["architectures"][0].replace("New", "Gte")],
        "auto_map": {},
        "rope_scaling": None,
        "rope_parameters": {"rope_type": "linear", **stretch},
    }


def published(
    dtype: str, theta: float, factor: float, types: int, *labels: str
) -> Callable[[Vocabulary, Size], Json]:
    """Return what makes the config.json of one of them."""
    return lambda words, size: config(words, size, dtype, theta, factor, types, labels)


ENGLISH = Recipe(
    "GteModel",
    bert.vocabulary,
    published("float32", 500000, 2.0, 0),
    roberta.SIZES,
    Embedder("cls_token", max_length=512),
    architecture="NewModel",
)
MULTILINGUAL = Recipe(
    "GteModel",
    roberta.vocabulary,
    published("float16", 20000, 8.0, 1),
    roberta.SIZES,
    Embedder("cls_token", max_length=512),
    dtype="float16",
    architecture="NewModel",
    renamed=("", "new."),
)
ARCTIC = Recipe(
    "GteModel",
    roberta.vocabulary,
    lambda words, size: {**published("float32", 160000, 1.0, 1)(words, size), **UNSTRETCHED},
    roberta.SIZES,
    Embedder("cls_token", max_length=512, prompts={"query": "query: "}),
)
RERANK = Recipe(
    "GteForSequenceClassification",
    roberta.vocabulary,
    published("float16", 20000, 8.0, 1, "LABEL_0"),
    roberta.SIZES,
    dtype="float16",
    architecture="NewForSequenceClassification",
    renamed=("gte.", "new."),
)
