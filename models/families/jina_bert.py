"""JinaBERT (Günther et al. 2023, arXiv 2310.19923): BERT with ALiBi and gates; its config says `bert`."""

from vectord.core import (
    Activation,
    Alibi,
    Arch,
    Attention,
    Embedding,
    Full,
    Gated,
    Layer,
    LayerNorm,
    PostNorm,
    TwicePostNorm,
)

from ..config import Config
from .bert import NAMES, classifier
from .family import Family, Rows, Stored

GATES: dict[str, Activation] = {"geglu": "gelu", "reglu": "relu"}
# the repositories that hold the published code, which configs point to
PLAIN_CODE, NORMED_CODE = "jinaai/jina-bert-implementation", "jinaai/jina-bert-v2-qk-post-norm"


def plain(config: Config) -> Arch:
    """Read the config.json of the text models and rerankers."""
    return network(config, normed=False)


def normed(config: Config) -> Arch:
    """Read the config.json of the code model: queries and keys are normed, and there is one norm more."""
    return network(config, normed=True)


def network(config: Config, normed: bool) -> Arch:
    """Read what both have in common."""
    config.refuse("is_decoder", False)
    norm = LayerNorm(config.number("layer_norm_eps", 1e-12))
    layer = Layer(
        attention=attention(config, norm if normed else None),
        mlp=Gated(config.size("intermediate_size"), gate(config), bias=False, out_bias=True),
        wiring=TwicePostNorm() if normed else PostNorm(),
        attention_norm=norm,
        mlp_norm=norm,
    )
    types = config.size("type_vocab_size", 2)
    return Arch(
        hidden_size=config.size("hidden_size"),
        embedding=Embedding(config.size("vocab_size"), token_types=types, norm=norm),
        layers=(layer,) * config.size("num_hidden_layers", most=1000),
        final_norm=None,
        max_positions=config.size("max_position_embeddings"),
    )


def attention(config: Config, qk_norm: LayerNorm | None) -> Attention:
    """Read the attention of every layer."""
    config.refuse("position_embedding_type", "alibi")
    size, heads = config.size("hidden_size"), config.size("num_attention_heads")
    if size % heads:
        raise config.wrong("num_attention_heads", f"a divisor of hidden_size {size}", heads)
    whole = qk_norm is not None
    return Attention(heads, heads, size // heads, True, True, Full(), qk_norm, Alibi(), qk_norm_whole=whole)


def gate(config: Config) -> Activation:
    """Read the gate's activation, which hidden_act does not say."""
    word = config.word("feed_forward_type")
    if word not in GATES:
        raise config.wrong("feed_forward_type", f"one of {', '.join(GATES)}", word)
    return GATES[word]


def claims_normed(config: Config) -> bool:
    """Whether a config points to the code of the code model."""
    return NORMED_CODE in pointers(config)


def claims_plain(config: Config) -> bool:
    """Whether a config points to the other code, or says what BERT's never does."""
    named = PLAIN_CODE in pointers(config)
    return named or config.has("feed_forward_type") or config.values.get("position_embedding_type") == "alibi"


def pointers(config: Config) -> str:
    """Return where a config says that its code lies."""
    return f"{config.values.get('_name_or_path')} {config.values.get('auto_map')}"


def names(fused: str, halves: tuple[str, str], **others: str) -> dict[str, Stored]:
    """Return BERT's names with another MLP, whose first matrix holds two in the order of `halves`."""
    parts: dict[str, Stored] = {
        f"layers.{{i}}.{half}": Rows(f"encoder.layer.{{i}}.mlp.{fused}", part, 2)
        for part, half in enumerate(halves)
    }
    moved = {f"layers.{{i}}.{name}": f"encoder.layer.{{i}}.{stored}" for name, stored in others.items()}
    return {**NAMES, **parts, **moved, "head.pooler": "pooler.dense", "head.classifier": "classifier"}


FAMILY = Family(
    name="jina_bert",
    model_type="bert",
    arch=plain,
    classifier=classifier,
    prefixes=("", "bert."),
    names=names("gated_layers", ("gate", "up"), down="mlp.wo", mlp_norm="mlp.layernorm"),
    examples=(
        "jinaai/jina-embeddings-v2-base-en",
        "jinaai/jina-embeddings-v2-base-de",
        "jinaai/jina-reranker-v1-tiny-en",
    ),
    claims=claims_plain,
)
CODE = Family(
    name="jina_bert_code",
    model_type="bert",
    arch=normed,
    classifier=classifier,
    prefixes=("", "bert."),
    names=names(
        "up_gated_layer",
        ("up", "gate"),
        query_norm="attention.self.layer_norm_q",
        key_norm="attention.self.layer_norm_k",
        attention_norm_2="layer_norm_1",
        down="mlp.down_layer",
        mlp_norm="layer_norm_2",
    ),
    examples=("jinaai/jina-embeddings-v2-base-code",),
    claims=claims_normed,
)
