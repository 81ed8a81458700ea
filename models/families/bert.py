"""BERT (Devlin et al. 2018, arXiv 1810.04805): learned positions, full attention, norms after."""

from vectord.core import (
    Activation,
    Arch,
    Attention,
    Dense,
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
from .family import Family
from .labels import label_count


def arch(config: Config) -> Arch:
    """Read a BERT config.json."""
    return encoder(config, Learned(config.size("max_position_embeddings")))


def encoder(config: Config, position: Learned) -> Arch:
    """Read what BERT shares with those after it, which count positions in their own way."""
    config.refuse("position_embedding_type", "absolute")
    config.refuse("is_decoder", False)
    size, heads = config.size("hidden_size"), config.size("num_attention_heads")
    if size % heads:
        raise config.wrong("num_attention_heads", f"a divisor of hidden_size {size}", heads)
    norm = LayerNorm(config.number("layer_norm_eps", 1e-12))
    layer = Layer(
        attention=Attention(heads, heads, size // heads, bias=True, out_bias=True, mask=Full()),
        mlp=Plain(config.size("intermediate_size"), config.activation("hidden_act", "gelu"), bias=True),
        wiring=PostNorm(),
        attention_norm=norm,
        mlp_norm=norm,
    )
    return Arch(
        hidden_size=size,
        embedding=Embedding(config.size("vocab_size"), position, config.size("type_vocab_size", 2), norm),
        layers=(layer,) * config.size("num_hidden_layers", most=1000),
        final_norm=None,
        max_positions=position.rows - position.offset,
    )


def classifier(config: Config) -> Head:
    """Read the head of BertForSequenceClassification: pooler on CLS, then the classifier."""
    size = config.size("hidden_size")
    pooler = Dense("head.pooler", size, size, bias=True, activation="tanh")
    scores = Dense("head.classifier", size, label_count(config), bias=True, activation="identity")
    return Head("logits", "cls", (pooler, scores))


def token_classifier(config: Config) -> Head:
    """Read the head of *ForTokenClassification: scores of every token's state."""
    size = config.size("hidden_size")
    scores = Dense("head.labels", size, label_count(config), bias=True, activation="identity")
    return Head("token_logits", None, token_dense=(scores,))


def masked_lm(config: Config) -> Head:
    """Read the head of BertForMaskedLM."""
    norm = LayerNorm(config.number("layer_norm_eps", 1e-12))
    return splade(config, config.size("hidden_size"), config.activation("hidden_act", "gelu"), norm)


def splade(config: Config, size: int, act: Activation, norm: LayerNorm, bias: bool = True) -> Head:
    """Return SPLADE's head: a dense layer, its norm, and a row for each word of the vocabulary.

    log(1 + relu) rises with its argument, so it is taken of the greatest logit.
    """
    transform = Dense("head.transform", size, size, bias, act, norm)
    words = Dense("head.vocabulary", size, config.size("vocab_size"), True, "identity")
    return Head("sparse", "max", token_dense=(transform, words), activation="log1p_relu")


NAMES = {
    "embedding.word": "embeddings.word_embeddings",
    "embedding.position": "embeddings.position_embeddings",
    "embedding.token_type": "embeddings.token_type_embeddings",
    "embedding.norm": "embeddings.LayerNorm",
    "layers.{i}.query": "encoder.layer.{i}.attention.self.query",
    "layers.{i}.key": "encoder.layer.{i}.attention.self.key",
    "layers.{i}.value": "encoder.layer.{i}.attention.self.value",
    "layers.{i}.out": "encoder.layer.{i}.attention.output.dense",
    "layers.{i}.attention_norm": "encoder.layer.{i}.attention.output.LayerNorm",
    "layers.{i}.up": "encoder.layer.{i}.intermediate.dense",
    "layers.{i}.down": "encoder.layer.{i}.output.dense",
    "layers.{i}.mlp_norm": "encoder.layer.{i}.output.LayerNorm",
}

FAMILY = Family(
    name="bert",
    model_type="bert",
    arch=arch,
    classifier=classifier,
    token_classifier=token_classifier,
    masked_lm=masked_lm,
    prefixes=("", "bert."),
    names={
        **NAMES,
        "head.pooler": "pooler.dense",
        "head.classifier": "classifier",
        "head.labels": "classifier",
        "head.transform": "cls.predictions.transform.dense",
        "head.transform_norm": "cls.predictions.transform.LayerNorm",
        "head.vocabulary": ("cls.predictions.decoder", "cls.predictions", NAMES["embedding.word"]),
    },
    examples=("sentence-transformers/all-MiniLM-L6-v2", "BAAI/bge-small-en-v1.5"),
)
