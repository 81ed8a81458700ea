"""JinaBERT v2 as published: config.json says `bert` and points to code in another repository."""

from functools import partial

from . import bert, roberta
from .recipe import Embedder, Foreign, Json, Recipe, Size, Sizes, Vocabulary

# ALiBi's slopes differ in kind where the heads are no power of two
SIZES: Sizes = {
    "small": Size(hidden=32, layers=2, heads=4, inner=64),
    "odd": Size(hidden=36, layers=3, heads=6, inner=50),
}
TEXT, CODE_MODEL = "jinaai/jina-bert-implementation", "jinaai/jina-bert-v2-qk-post-norm"


def config(
    words: Vocabulary, size: Size, code: str, gate: str = "geglu", labels: tuple[str, ...] = ()
) -> Json:
    """Return config.json; `labels` are those of a classifier."""
    return {
        **bert.config(words, size, labels),
        "_name_or_path": code,
        "attn_implementation": "torch",
        "auto_map": {
            "AutoConfig": f"{code}--configuration_bert.JinaBertConfig",
            "AutoModel": f"{code}--modeling_bert.JinaBertModel",
        },
        "emb_pooler": "mean",
        "feed_forward_type": gate,
        "max_position_embeddings": 8192,
        "model_max_length": 8192,
        "position_embedding_type": "alibi",
        "transformers_version": "4.26.0",
    }


def shapes(config: Json, code: bool = False) -> dict[str, tuple[int, ...]]:
    """Return the tensors' shapes by name."""
    size = config["hidden_size"]
    words = {"word": config["vocab_size"], "token_type": config["type_vocab_size"]}
    found = {f"embeddings.{name}_embeddings.weight": (rows, size) for name, rows in words.items()}
    dense = {**norm("embeddings.LayerNorm", size), **linear("pooler.dense", size, size)}
    if "id2label" in config:
        dense.update(linear("classifier", len(config["id2label"]), size))
    for index in range(config["num_hidden_layers"]):
        made = layer(size, config["intermediate_size"], code)
        dense.update({f"encoder.layer.{index}.{name}": shape for name, shape in made.items()})
    return {**found, **dense}


def layer(size: int, inner: int, code: bool) -> dict[str, tuple[int, ...]]:
    """Return the shapes of one block."""
    linears = [f"attention.{name}" for name in ("self.query", "self.key", "self.value", "output.dense")]
    norms, fused, down = ["attention.output.LayerNorm", "mlp.layernorm"], "mlp.gated_layers", "mlp.wo"
    if code:
        norms = ["attention.output.LayerNorm", "layer_norm_1", "layer_norm_2"]
        norms += ["attention.self.layer_norm_q", "attention.self.layer_norm_k"]
        fused, down = "mlp.up_gated_layer", "mlp.down_layer"
    found: dict[str, tuple[int, ...]] = {f"{fused}.weight": (2 * inner, size), **linear(down, size, inner)}
    for name in linears:
        found.update(linear(name, size, size))
    for name in norms:
        found.update(norm(name, size))
    return found


def linear(name: str, out_size: int, in_size: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a matrix and its bias."""
    return {f"{name}.weight": (out_size, in_size), f"{name}.bias": (out_size,)}


def norm(name: str, size: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a norm."""
    return {f"{name}.weight": (size,), f"{name}.bias": (size,)}


def elsewhere(config: Json) -> Json:
    """Return what changes when somebody saves it from a folder of their own."""
    return {"_name_or_path": None, "dtype": "float32", "transformers_version": "4.57.1"}


EMBED = Recipe(
    "JinaBertModel",
    bert.vocabulary,
    partial(config, code=TEXT),
    SIZES,
    Embedder("mean_tokens", max_length=512),
    foreign=Foreign(shapes, elsewhere, "bert."),
)
CODE = Recipe(
    "JinaBertModel",
    roberta.vocabulary,
    partial(config, code=CODE_MODEL),
    SIZES,
    Embedder("mean_tokens", max_length=512),
    dtype="float16",
    foreign=Foreign(partial(shapes, code=True), elsewhere),
)
RERANK = Recipe(
    "JinaBertForSequenceClassification",
    roberta.vocabulary,
    partial(config, code=TEXT, gate="reglu", labels=("LABEL_0",)),
    SIZES,
    foreign=Foreign(shapes, elsewhere),
)
