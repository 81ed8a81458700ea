"""NomicBERT v1 and v1.5 (Nussbaum et al. 2024, arXiv 2402.01613): BERT with rotary positions and gates."""

from vectord.core import (
    Arch,
    Attention,
    Embedding,
    Full,
    Gated,
    Layer,
    LayerNorm,
    Mlp,
    OwnLength,
    PostNorm,
    Rotary,
)

from ..config import Config
from .family import Family, Rows
from .rope import rotary

# what GPT-2 called the sizes, which the first published configs do too
OLD_KEYS = {
    "hidden_size": "n_embd",
    "num_attention_heads": "n_head",
    "num_hidden_layers": "n_layer",
    "intermediate_size": "n_inner",
    "max_position_embeddings": "n_positions",
}


def size_of(config: Config, key: str, most: int = 2**24) -> int:
    """Read a size by its old key, else by its new one."""
    return config.size(OLD_KEYS[key] if config.has(OLD_KEYS[key]) else key, most=most)


def arch(config: Config) -> Arch:
    """Read a NomicBERT config.json of either kind."""
    config.refuse("activation_function", "swiglu")
    config.refuse("hidden_act", "silu")
    config.refuse("moe_every_n_layers", 0, -1)
    bias = config.switch("mlp_fc1_bias", False)
    return encoder(config, Gated(size_of(config, "intermediate_size"), "silu", bias, bias))


def encoder(config: Config, mlp: Mlp) -> Arch:
    """Read the network, every layer with the same MLP."""
    refuse_variants(config)
    norm = LayerNorm(
        config.number("layer_norm_epsilon" if config.has("layer_norm_epsilon") else "layer_norm_eps", 1e-12)
    )
    layer = Layer(
        attention=attention(config),
        mlp=mlp,
        wiring=PostNorm(),
        attention_norm=norm,
        mlp_norm=norm,
    )
    types = config.size("type_vocab_size", 2)
    return Arch(
        hidden_size=size_of(config, "hidden_size"),
        embedding=Embedding(config.size("vocab_size"), token_types=types, norm=norm),
        layers=(layer,) * size_of(config, "num_hidden_layers", most=1000),
        final_norm=None,
        max_positions=size_of(config, "max_position_embeddings"),
    )


def attention(config: Config) -> Attention:
    """Read the attention of every layer."""
    size, heads = size_of(config, "hidden_size"), size_of(config, "num_attention_heads")
    if size % heads or size // heads % 2:
        raise config.wrong("n_head", f"such that n_embd {size} gives even heads", heads)
    bias = config.switch("qkv_proj_bias", False)
    return Attention(
        heads, heads, size // heads, bias, bias, Full(), position=position(config, size // heads)
    )


def position(config: Config, head_size: int) -> Rotary:
    """Read the rotation; `rotary_scaling_factor` slows it in texts longer than those of the training."""
    plain = rotary(config, "rotary_emb_base", 1000.0)
    trained = config.size("max_trained_positions", 2048)
    if not config.has("rotary_scaling_factor") or size_of(config, "max_position_embeddings") <= trained:
        return plain
    if plain.stretch is not None or head_size == 2:  # no second stretch, and no power of 2 / 0
        config.refuse("rotary_scaling_factor")
    return Rotary(plain.theta, OwnLength(config.number("rotary_scaling_factor"), trained))


def refuse_variants(config: Config) -> None:
    """Refuse what the published code could do and these models do not."""
    for key in ("causal", "prenorm", "parallel_block", "use_rms_norm", "rotary_emb_interleaved"):
        config.refuse(key, False)
    config.refuse("mlp_fc2_bias", config.switch("mlp_fc1_bias", False))
    config.refuse("rotary_emb_fraction", 1)
    config.refuse("rotary_emb_scale_base")
    size, heads = size_of(config, "hidden_size"), size_of(config, "num_attention_heads")
    config.refuse("head_dim", size // heads)


FAMILY = Family(
    name="nomic_bert",
    model_type="nomic_bert",
    arch=arch,
    norm_before_cut=True,
    names={
        "embedding.word": "embeddings.word_embeddings",
        "embedding.token_type": "embeddings.token_type_embeddings",
        "embedding.norm": "emb_ln",
        "layers.{i}.query": Rows("encoder.layers.{i}.attn.Wqkv", 0, 3),
        "layers.{i}.key": Rows("encoder.layers.{i}.attn.Wqkv", 1, 3),
        "layers.{i}.value": Rows("encoder.layers.{i}.attn.Wqkv", 2, 3),
        "layers.{i}.out": "encoder.layers.{i}.attn.out_proj",
        "layers.{i}.attention_norm": "encoder.layers.{i}.norm1",
        "layers.{i}.up": "encoder.layers.{i}.mlp.fc11",
        "layers.{i}.gate": "encoder.layers.{i}.mlp.fc12",
        "layers.{i}.down": "encoder.layers.{i}.mlp.fc2",
        "layers.{i}.mlp_norm": "encoder.layers.{i}.norm2",
    },
    examples=("nomic-ai/nomic-embed-text-v1", "nomic-ai/nomic-embed-text-v1.5"),
)
