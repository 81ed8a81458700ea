"""NomicBERT as first published: GPT-2's words for the sizes, fused projections."""

from . import bert
from .recipe import Embedder, Json, Recipe, Size, Vocabulary


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


EMBED = Recipe("NomicBertModel", bert.vocabulary, config, bert.SIZES, Embedder("mean_tokens", max_length=512))
