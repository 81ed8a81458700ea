"""NomicBERT as first published: GPT-2's words for the sizes, fused projections."""

from collections.abc import Callable

from . import bert, roberta
from .recipe import Embedder, Foreign, Json, Recipe, Size, Sizes, Vocabulary


def config(words: Vocabulary, size: Size) -> Json:
    """Return config.json."""
    return {
        "model_type": "nomic_bert",
        "activation_function": "swiglu",
        "causal": False,
        "layer_norm_epsilon": 1e-12,
        "max_trained_positions": 2048,
        "mlp_fc1_bias": False,
        "mlp_fc2_bias": False,
        "n_embd": size.hidden,
        "n_head": size.heads,
        "n_inner": size.inner,
        "n_layer": size.layers,
        "n_positions": 8192,
        "parallel_block": False,
        "prenorm": False,
        "qkv_proj_bias": False,
        "rotary_emb_base": 1000,
        "rotary_emb_fraction": 1.0,
        "rotary_emb_interleaved": False,
        "rotary_emb_scale_base": None,
        "rotary_scaling_factor": None,
        "transformers_version": "4.34.0",
        "type_vocab_size": 2,
        "use_rms_norm": False,
        "vocab_size": words.size,
    }


def native(config: Json) -> Json:
    """Return what transformers calls the sizes; a config that it wrote itself says so already."""
    if "n_embd" not in config:
        return {}
    return {
        "hidden_size": config["n_embd"],
        "num_attention_heads": config["n_head"],
        "intermediate_size": config["n_inner"],
        "num_hidden_layers": config["n_layer"],
        "max_position_embeddings": config["n_positions"],
        "layer_norm_eps": config["layer_norm_epsilon"],
        "hidden_act": "silu",
        "rope_parameters": {"rope_type": "default", "rope_theta": config["rotary_emb_base"]},
    }


def scaled(words: Vocabulary, size: Size) -> Json:
    """Return the config.json of a model whose longer texts turn slower."""
    return {**config(words, size), "rotary_scaling_factor": 2.0, "max_trained_positions": 64}


def of_experts(words: Vocabulary, size: Size) -> Json:
    """Return config.json of the mixture of experts, which is of plain MLPs with biases."""
    return {
        **config(words, size),
        "activation_function": "gelu",
        "expert_choice_router": False,
        "ffn_div": 1,
        "layer_norm_epsilon": 1e-5,
        "mlp_fc1_bias": True,
        "mlp_fc2_bias": True,
        "moe_every_n_layers": 2,
        "moe_impl": "megablocks",
        "moe_normalize_expert_weights": False,
        "moe_top_k": 2,
        "n_positions": 2048,
        "num_experts": 8 if size.layers == 4 else 5,
        "num_shared_experts": 0,
        "pad_token_id": words.id("pad_token"),
        "qkv_proj_bias": True,
        "rotary_emb_base": 10000.0,
        "transformers_version": "4.44.2",
        "type_vocab_size": 1,
    }


def shapes(config: Json) -> dict[str, tuple[int, ...]]:
    """Return the tensors' shapes by name."""
    size = config["n_embd"]
    words = {"word": config["vocab_size"], "token_type": config["type_vocab_size"]}
    found: dict[str, tuple[int, ...]] = {
        f"embeddings.{name}_embeddings.weight": (rows, size) for name, rows in words.items()
    }
    found |= {"emb_ln.weight": (size,), "emb_ln.bias": (size,)}
    for index in range(config["n_layer"]):
        made = {**attention(config), **mlp_of(config, index)(config)}
        found |= {f"encoder.layers.{index}.{name}": shape for name, shape in made.items()}
    return found


def attention(config: Json) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a block but for its MLP."""
    size = config["n_embd"]
    found: dict[str, tuple[int, ...]] = {
        "attn.Wqkv.weight": (3 * size, size),
        "attn.out_proj.weight": (size, size),
    }
    if config["qkv_proj_bias"]:
        found |= {"attn.Wqkv.bias": (3 * size,), "attn.out_proj.bias": (size,)}
    return found | {f"{norm}.{word}": (size,) for norm in ("norm1", "norm2") for word in ("weight", "bias")}


def mlp_of(config: Json, index: int) -> Callable[[Json], dict[str, tuple[int, ...]]]:
    """Return what gives the shapes of one block's MLP."""
    if config["activation_function"] == "swiglu":
        return gated
    return experts if index % config["moe_every_n_layers"] == 1 else plain


def gated(config: Json) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a gated MLP."""
    size, inner = config["n_embd"], config["n_inner"]
    return {
        "mlp.fc11.weight": (inner, size),
        "mlp.fc12.weight": (inner, size),
        "mlp.fc2.weight": (size, inner),
    }


def plain(config: Json) -> dict[str, tuple[int, ...]]:
    """Return the shapes of an MLP with biases."""
    size, inner = config["n_embd"], config["n_inner"]
    matrices = {"mlp.fc1.weight": (inner, size), "mlp.fc2.weight": (size, inner)}
    return {**matrices, "mlp.fc1.bias": (inner,), "mlp.fc2.bias": (size,)}


def experts(config: Json) -> dict[str, tuple[int, ...]]:
    """Return the shapes of a mixture of experts."""
    size, rows = config["n_embd"], config["num_experts"] * config["n_inner"]
    return {
        "mlp.router.layer.weight": (config["num_experts"], size),
        "mlp.experts.mlp.w1": (rows, size),
        "mlp.experts.mlp.w2": (rows, size),
        "mlp.experts.bias": (size,),
    }


def both_words(config: Json) -> Json:
    """Return what transformers 5 adds to config.json: the sizes in its own words."""
    return {key: value for key, value in native(config).items() if key != "hidden_act"}


SIZES: Sizes = {
    "small": Size(hidden=32, layers=4, heads=4, inner=64),
    "odd": Size(hidden=36, layers=3, heads=3, inner=50),
}
EMBEDDER = Embedder("mean_tokens", max_length=512)
EMBED = Recipe("NomicBertModel", bert.vocabulary, config, bert.SIZES, EMBEDDER)
SCALED = Recipe(
    "NomicBertModel",
    bert.vocabulary,
    scaled,
    bert.SIZES,
    EMBEDDER,
    foreign=Foreign(shapes, both_words),
)
MOE = Recipe(
    "NomicBertModel",
    roberta.vocabulary,
    of_experts,
    SIZES,
    EMBEDDER,
    foreign=Foreign(shapes, both_words),
)
