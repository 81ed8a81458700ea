"""voyage-4-nano as published: a Qwen3 that sees both ways, with a layer behind its states."""

from . import qwen3
from .recipe import Embedder, Foreign, Json, Recipe, Size, Vocabulary

PROMPTS = {
    "query": "Represent the query for retrieving supporting documents: ",
    "document": "Represent the document for retrieval: ",
}


def config(words: Vocabulary, size: Size) -> Json:
    """Return config.json; what the layer gives counts as labels."""
    return {
        **qwen3.config(words, size),
        "auto_map": {"AutoModel": "modeling_qwen3_bidirectional.Qwen3BidirectionalModel"},
        "num_labels": 2 * size.hidden,
        "use_bidirectional_attention": True,
    }


def shapes(config: Json) -> dict[str, tuple[int, ...]]:
    """Return the tensors' shapes by name."""
    size, inner, head = config["hidden_size"], config["intermediate_size"], config["head_dim"]
    queries, keys = config["num_attention_heads"] * head, config["num_key_value_heads"] * head
    layer: dict[str, tuple[int, ...]] = {
        "input_layernorm": (size,),
        "post_attention_layernorm": (size,),
        "self_attn.q_proj": (queries, size),
        "self_attn.k_proj": (keys, size),
        "self_attn.v_proj": (keys, size),
        "self_attn.o_proj": (size, queries),
        "self_attn.q_norm": (head,),
        "self_attn.k_norm": (head,),
        "mlp.gate_proj": (inner, size),
        "mlp.up_proj": (inner, size),
        "mlp.down_proj": (size, inner),
    }
    found: dict[str, tuple[int, ...]] = {"linear": (config["num_labels"], size)}
    found |= {"model.embed_tokens": (config["vocab_size"], size), "model.norm": (size,)}
    for index in range(config["num_hidden_layers"]):
        found |= {f"model.layers.{index}.{name}": shape for name, shape in layer.items()}
    return {f"{name}.weight": shape for name, shape in found.items()}


def labelled(config: Json) -> Json:
    """Return the config.json that transformers saves, which names every label."""
    names = {str(index): f"LABEL_{index}" for index in range(config["num_labels"])}
    return {"num_labels": None, "id2label": names, "label2id": {name: i for i, name in names.items()}}


EMBED = Recipe(
    "Qwen3Model",
    qwen3.vocabulary,
    config,
    qwen3.SIZES,
    Embedder("mean_tokens", max_length=512, prompts=PROMPTS),
    dtype="bfloat16",
    architecture="Qwen3BidirectionalModel",
    foreign=Foreign(shapes, labelled),
)
