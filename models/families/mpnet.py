"""MPNet (Song et al. 2020, arXiv 2004.09297): RoBERTa with a learned bias by distance."""

from dataclasses import replace

from vectord.core import Arch, Buckets, Layer, Learned

from ..config import Config
from .bert import encoder
from .family import Family
from .roberta import classifier

# constants of the published code, whatever config.json says of padding
OFFSET = 2
BUCKETS = Buckets(count=32, max_distance=128)


def arch(config: Config) -> Arch:
    """Read an MPNet config.json."""
    config.refuse("relative_attention_num_buckets", BUCKETS.count)
    rows = config.size("max_position_embeddings", 512)
    if rows <= OFFSET:
        raise config.wrong("max_position_embeddings", f"more than {OFFSET}", rows)
    made = encoder(config, Learned(rows, OFFSET))
    return replace(
        made,
        embedding=replace(made.embedding, token_types=0),
        layers=tuple(biased(layer) for layer in made.layers),
    )


def biased(layer: Layer) -> Layer:
    """Return the layer with the bias, which all of them share."""
    return replace(layer, attention=replace(layer.attention, position=BUCKETS))


FAMILY = Family(
    name="mpnet",
    model_type="mpnet",
    arch=arch,
    classifier=classifier,
    prefixes=("", "mpnet."),
    names={
        "embedding.word": "embeddings.word_embeddings",
        "embedding.position": "embeddings.position_embeddings",
        "embedding.norm": "embeddings.LayerNorm",
        "relative": "encoder.relative_attention_bias",
        "layers.{i}.query": "encoder.layer.{i}.attention.attn.q",
        "layers.{i}.key": "encoder.layer.{i}.attention.attn.k",
        "layers.{i}.value": "encoder.layer.{i}.attention.attn.v",
        "layers.{i}.out": "encoder.layer.{i}.attention.attn.o",
        "layers.{i}.attention_norm": "encoder.layer.{i}.attention.LayerNorm",
        "layers.{i}.up": "encoder.layer.{i}.intermediate.dense",
        "layers.{i}.down": "encoder.layer.{i}.output.dense",
        "layers.{i}.mlp_norm": "encoder.layer.{i}.output.LayerNorm",
        "head.dense": "classifier.dense",
        "head.classifier": "classifier.out_proj",
    },
    examples=("sentence-transformers/all-mpnet-base-v2", "sentence-transformers/multi-qa-mpnet-base-dot-v1"),
)
