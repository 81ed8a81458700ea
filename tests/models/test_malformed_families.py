"""What only some families have, damaged: one line names the file or tensor and says what to do."""

from pathlib import Path

import numpy as np
import pytest

from tests.shared import Checkpoints

from .damage import Damage, both, check, config, weights, without
from .editing import GONE

CASES: dict[str, tuple[str, Damage, tuple[str, ...]]] = {
    "labels without numbers": (
        "bert_classify",
        config(id2label={"a": "b"}),
        ("config.json: id2label must be keyed by label index",),
    ),
    "labels in a list": ("bert_classify", config(id2label=["a"]), ("id2label must be an object",)),
    "fewer labels than weights": (
        "bert_classify",
        config(id2label={"0": "a"}),
        ("head.classifier.weight", "[3, 32]", "[1, 32]"),
    ),
    "a classifier without a pooler": (
        "bert_rerank",
        weights(bert__pooler__dense__weight=GONE),
        ("has no tensor pooler.dense.weight",),
    ),
    "a classifier of a family that has none": (
        "nomic",
        both(without("modules.json"), config(architectures=["NomicBertForSequenceClassification"])),
        ("NomicBertForSequenceClassification is not supported",),
    ),
    "a head that pools in no known way": (
        "modernbert_rerank",
        config(classifier_pooling="max"),
        ("classifier_pooling must be one of cls, mean, not 'max'",),
    ),
    "a head without its norm": (
        "modernbert_rerank",
        weights(head__norm__weight=GONE),
        ("has no tensor head.norm.weight",),
    ),
    "no position left for a token": (
        "roberta",
        config(max_position_embeddings=2),
        ("max_position_embeddings must be more than pad_token_id + 1 = 2",),
    ),
    "heads that do not divide": ("distilbert", config(n_heads=5), ("n_heads must be a divisor of dim 32",)),
    "a dense layer of the head is gone": (
        "xlm_roberta_rerank",
        weights(classifier__dense__weight=GONE),
        ("has no tensor classifier.dense.weight", "xlm-roberta needs"),
    ),
    "layer types of the wrong length": (
        "modernbert",
        config(layer_types=["full_attention"]),
        ("config.json: layer_types must be 4 of full_attention and sliding_attention",),
    ),
    "unknown layer types": (
        "modernbert",
        config(layer_types=["full_attention", "dilated", "full_attention", "full_attention"]),
        ("layer_types must be 4 of", "dilated"),
    ),
    "heads of odd size": ("modernbert", config(hidden_size=36), ("num_attention_heads must be such that",)),
    "fused rows that do not divide": (
        "modernbert",
        weights(layers__0__attn__Wqkv__weight=np.zeros((97, 32), np.float32)),
        ("model.safetensors: layers.0.attn.Wqkv has shape [97, 32]",),
    ),
    "a fused scalar": (
        "modernbert",
        weights(layers__0__mlp__Wi__weight=np.zeros((), np.float32)),
        ("layers.0.mlp.Wi has shape []",),
    ),
    "stretched positions": (
        "qwen3",
        config(rope_scaling={"type": "yarn", "factor": 4}),
        ("rope_scaling = ", "is not supported"),
    ),
    "a window of no size": (
        "qwen3",
        config(use_sliding_window=True, max_window_layers=0, sliding_window=None),
        ("config.json: sliding_window is missing",),
    ),
    "windows that are switched off": (
        "qwen2_windowed",
        config(use_sliding_window=False, layer_types=["full_attention", "sliding_attention"]),
        ("use_sliding_window must be true, as layer_types has sliding_attention",),
    ),
    "a window of negative size": (
        "gemma2",
        config(sliding_window=-1),
        ("sliding_window must be from 1",),
    ),
    "a cap at nothing": (
        "gemma2",
        config(attn_logit_softcapping=0),
        ("attn_logit_softcapping must be a positive number",),
    ),
    "a decoder that sees both ways": (
        "gemma2",
        config(use_bidirectional_attention=True),
        ("use_bidirectional_attention = True is not supported",),
    ),
    "one norm of four": (
        "gemma3",
        weights(layers__1__pre_feedforward_layernorm__weight=GONE),
        ("has no tensor layers.1.pre_feedforward_layernorm.weight",),
    ),
    "an activation that nobody knows": (
        "gemma_rerank",
        config(hidden_act="gegelu"),
        ("hidden_act must be one of",),
    ),
    "capped scores where none are": (
        "gemma3",
        config(attn_logit_softcapping=50.0),
        ("attn_logit_softcapping = 50.0 is not supported",),
    ),
    "a scale of nothing": (
        "gemma3",
        config(query_pre_attn_scalar=0),
        ("query_pre_attn_scalar must be a positive number",),
    ),
    "a stretch by nothing": (
        "gemma3",
        config(rope_scaling={"rope_type": "linear"}),
        ("config.json: factor is missing",),
    ),
    "an adapter without an instruction": (
        "jina_v3_adapters",
        config(task_instructions={"retrieval.query": "find: "}),
        ("task_instructions must be a text for each of lora_adaptations",),
    ),
    "two adapters of one name": (
        "jina_v3_adapters",
        config(lora_adaptations=["text-matching", "text-matching", "retrieval.query"]),
        ("lora_adaptations",),
    ),
    "one adapter too many": (
        "jina_v3_adapters",
        config(lora_adaptations=["a", "b", "c", "d"], task_instructions={"a": "", "b": "", "c": "", "d": ""}),
        ("embedding.word.lora_a has shape [3, ", "config.json asks for [4, "),
    ),
    "adapters of another rank": (
        "jina_v3_adapters",
        config(lora_rank=8),
        ("embedding.word.lora_a has shape", "4]", "8]"),
    ),
    "adapters without their tensors": (
        "jina_v3_adapters",
        weights(**{"roberta__encoder__layers__0__mlp__fc1__parametrizations__weight__0__lora_B": GONE}),
        ("has no tensor encoder.layers.0.mlp.fc1.parametrizations.weight.0.lora_B",),
    ),
    "vectors that are cut by config.json": (
        "jina_v3",
        config(truncate_dim=64),
        ("truncate_dim = 64 is not supported",),
    ),
    "a projection that is not there": (
        "qwen3_projected",
        weights(linear__weight=GONE),
        ("has no tensor linear.weight, which qwen3 needs",),
    ),
    "a projection of another width": (
        "qwen3_projected",
        config(num_labels=16),
        ("head.projection.weight has shape [64, 32], config.json asks for [16, 32]",),
    ),
    "a convolution": ("deberta", config(conv_kernel_size=3), ("conv_kernel_size = 3 is not supported",)),
    "words of another width": (
        "deberta",
        config(embedding_size=16),
        ("embedding_size = 16 is not supported",),
    ),
    "positions that do not attend": (
        "deberta",
        config(relative_attention=False),
        ("relative_attention must be true",),
    ),
    "positions of which nothing is asked": (
        "deberta",
        config(pos_att_type=[]),
        ("pos_att_type must be c2p, p2c or both",),
    ),
    "positions that attend to each other": (
        "deberta",
        config(pos_att_type="c2p|p2p"),
        ("pos_att_type must be c2p, p2c or both",),
    ),
    "buckets without a distance": (
        "deberta",
        config(position_buckets=16, max_relative_positions=9),
        ("position_buckets must be -1 or even and less than twice 8",),
    ),
    "a table of another span": (
        "deberta",
        config(position_buckets=32),
        ("relative.weight has shape [32, 32], config.json asks for [64, 32]",),
    ),
    "a wider pooler": (
        "deberta_rerank",
        config(pooler_hidden_size=64),
        ("pooler_hidden_size = 64 is not supported",),
    ),
    "a rotation that slows nowhere": (
        "llama_rerank",
        config(
            rope_scaling={"rope_type": "llama3", "factor": 8, "low_freq_factor": 4, "high_freq_factor": 4}
        ),
        ("high_freq_factor must be more than low_freq_factor 4",),
    ),
    "half a rotation": (
        "llama_rerank",
        config(rope_scaling={"rope_type": "llama3", "low_freq_factor": 1, "high_freq_factor": 4}),
        ("factor is missing",),
    ),
    "a window of nothing": ("mistral", config(sliding_window=0), ("sliding_window must be from 1",)),
    "experts": ("nomic", config(moe_every_n_layers=2), ("moe_every_n_layers = 2 is not supported",)),
    "no heads for the old size": ("nomic", config(n_head=5), ("n_head must be such that n_embd 32",)),
    "groups that do not divide": (
        "qwen3",
        config(num_key_value_heads=3),
        ("num_key_value_heads must be a divisor of num_attention_heads 4",),
    ),
    "heads that cannot be halved": ("qwen3", config(head_dim=15), ("head_dim must be even",)),
    "no rotation at all": ("qwen3", config(rope_theta=0), ("rope_theta must be a positive number",)),
}


@pytest.mark.parametrize("damage", CASES)
def test_it_is_said(checkpoint: Checkpoints, tmp_path: Path, damage: str) -> None:
    family, apply, words = CASES[damage]
    path = checkpoint.copy(family, tmp_path / "copy")
    apply(path)
    check(path, *words)
