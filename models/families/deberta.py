"""DeBERTa-v2 and v3 (He et al. 2021, arXiv 2111.09543): content and relative position attend apart."""

from vectord.core import (
    Arch,
    Attention,
    Dense,
    Disentangled,
    Embedding,
    Full,
    Head,
    Layer,
    LayerNorm,
    Learned,
    Plain,
    PostNorm,
)

from ..config import Config
from .bert import NAMES
from .family import Family
from .labels import label_count


def arch(config: Config) -> Arch:
    """Read a DeBERTa-v2 config.json."""
    size = config.size("hidden_size")
    config.refuse("embedding_size", size)
    config.refuse("conv_kernel_size", 0)
    norm = LayerNorm(config.number("layer_norm_eps", 1e-7))
    layer = Layer(
        attention=attention(config, norm),
        mlp=Plain(config.size("intermediate_size"), config.activation("hidden_act", "gelu"), bias=True),
        wiring=PostNorm(),
        attention_norm=norm,
        mlp_norm=norm,
    )
    positions = config.size("max_position_embeddings", 512)
    learned = Learned(positions) if config.switch("position_biased_input", True) else None
    types = config.size("type_vocab_size", 0, least=0)
    return Arch(
        hidden_size=size,
        embedding=Embedding(config.size("vocab_size"), learned, types, norm),
        layers=(layer,) * config.size("num_hidden_layers", most=1000),
        final_norm=None,
        max_positions=positions,
    )


def attention(config: Config, norm: LayerNorm) -> Attention:
    """Read the attention; its scale counts the kinds of scores that are summed."""
    size, heads = config.size("hidden_size"), config.size("num_attention_heads")
    if size % heads:
        raise config.wrong("num_attention_heads", f"a divisor of hidden_size {size}", heads)
    config.refuse("attention_head_size", size // heads)
    position = relative(config, norm)
    kinds = 1 + position.content_to_position + position.position_to_content
    scale = (size // heads * kinds) ** -0.5
    return Attention(heads, heads, size // heads, True, True, Full(), position=position, scale=scale)


def relative(config: Config, norm: LayerNorm) -> Disentangled:
    """Read how relative positions attend."""
    if not config.switch("relative_attention", False):
        raise config.wrong("relative_attention", "true", False)
    kinds = attention_kinds(config)
    stated = config.size("max_relative_positions", -1, least=-1)
    most = stated if stated > 0 else config.size("max_position_embeddings", 512)
    buckets = max(config.size("position_buckets", -1, least=-1), 0)
    if buckets and (buckets % 2 or buckets // 2 >= most - 1):
        raise config.wrong("position_buckets", f"-1 or even and less than twice {most - 1}", buckets)
    return Disentangled(
        span=buckets or most,
        buckets=buckets,
        max_distance=most,
        content_to_position="c2p" in kinds,
        position_to_content="p2c" in kinds,
        shared_projections=config.switch("share_att_key", False),
        norm=norm if "layer_norm" in config.word("norm_rel_ebd", "none").lower() else None,
    )


def attention_kinds(config: Config) -> list[str]:
    """Read which of c2p and p2c there are: a list, or a text with | between them."""
    stated = config.values.get("pos_att_type")
    kinds = (
        [word.strip().lower() for word in stated.split("|")]
        if isinstance(stated, str)
        else config.words("pos_att_type")
    )
    if not kinds or not set(kinds) <= {"c2p", "p2c"}:
        raise config.wrong("pos_att_type", "c2p, p2c or both", kinds)
    return kinds


def classifier(config: Config) -> Head:
    """Read the head of DebertaV2ForSequenceClassification: a dense layer on the first token, then scores."""
    size = config.size("hidden_size")
    config.refuse("pooler_hidden_size", size)
    pooler = Dense(
        "head.pooler", size, size, bias=True, activation=config.activation("pooler_hidden_act", "gelu")
    )
    scores = Dense("head.classifier", size, label_count(config), bias=True, activation="identity")
    return Head("logits", "cls", (pooler, scores))


FAMILY = Family(
    name="deberta-v2",
    model_type="deberta-v2",
    arch=arch,
    classifier=classifier,
    prefixes=("", "deberta."),
    names={
        **NAMES,
        "relative": "encoder.rel_embeddings",
        "relative_norm": "encoder.LayerNorm",
        "layers.{i}.query": "encoder.layer.{i}.attention.self.query_proj",
        "layers.{i}.key": "encoder.layer.{i}.attention.self.key_proj",
        "layers.{i}.value": "encoder.layer.{i}.attention.self.value_proj",
        "layers.{i}.position_key": "encoder.layer.{i}.attention.self.pos_key_proj",
        "layers.{i}.position_query": "encoder.layer.{i}.attention.self.pos_query_proj",
        "head.pooler": "pooler.dense",
        "head.classifier": "classifier",
    },
    examples=("mixedbread-ai/mxbai-rerank-base-v1", "cross-encoder/nli-deberta-v3-base"),
)
