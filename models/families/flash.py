"""What Jina's implementation of XLM-RoBERTa calls its parameters: fused projections, norms by number."""

from .family import Rows, Stored

FUSED = "encoder.layers.{i}.mixer.Wqkv"
NAMES: dict[str, Stored] = {
    "embedding.word": "embeddings.word_embeddings",
    "embedding.position": "embeddings.position_embeddings",
    "embedding.token_type": "embeddings.token_type_embeddings",
    "embedding.norm": "emb_ln",
    "layers.{i}.qkv": FUSED,
    "layers.{i}.query": Rows(FUSED, 0, 3),
    "layers.{i}.key": Rows(FUSED, 1, 3),
    "layers.{i}.value": Rows(FUSED, 2, 3),
    "layers.{i}.out": "encoder.layers.{i}.mixer.out_proj",
    "layers.{i}.attention_norm": "encoder.layers.{i}.norm1",
    "layers.{i}.up": "encoder.layers.{i}.mlp.fc1",
    "layers.{i}.down": "encoder.layers.{i}.mlp.fc2",
    "layers.{i}.mlp_norm": "encoder.layers.{i}.norm2",
}
