"""Damage to encoders with biases, experts and stretches of their own."""

from pathlib import Path

import numpy as np
import pytest

from tests.shared import Checkpoints

from .damage import Damage, check, config, weights
from .editing import GONE

CASES: dict[str, tuple[str, Damage, tuple[str, ...]]] = {
    "positions scaled by nothing": (
        "nomic",
        config(rotary_scaling_factor=0),
        ("rotary_scaling_factor must be a positive number",),
    ),
    "positions scaled twice": (
        "nomic",
        config(
            rotary_scaling_factor=2.0,
            rope_parameters={"rope_type": "linear", "rope_theta": 1000, "factor": 2},
        ),
        ("rotary_scaling_factor = 2.0 is not supported",),
    ),
    "trained on no positions": (
        "nomic_scaled",
        config(max_trained_positions=0),
        ("max_trained_positions must be from 1",),
    ),
    "more experts taken than there are": (
        "nomic_moe",
        config(moe_top_k=9),
        ("moe_top_k must be at most num_experts 8, not '9'",),
    ),
    "no experts": ("nomic_moe", config(num_experts=GONE), ("num_experts is missing",)),
    "experts that choose tokens": (
        "nomic_moe",
        config(expert_choice_router=True),
        ("expert_choice_router = True is not supported",),
    ),
    "shares that are made whole": (
        "nomic_moe",
        config(moe_normalize_expert_weights=True),
        ("moe_normalize_expert_weights = True is not supported",),
    ),
    "experts for all": ("nomic_moe", config(num_shared_experts=1), ("num_shared_experts = 1 is not",)),
    "thinner experts": ("nomic_moe", config(ffn_div=2), ("ffn_div = 2 is not supported",)),
    "an expert too few": (
        "nomic_moe",
        weights(encoder__layers__1__mlp__experts__mlp__w1=np.zeros((448, 32), np.float32)),
        ("experts_up.weight has shape [448, 32]", "[512, 32]"),
    ),
    "no router": (
        "nomic_moe",
        weights(encoder__layers__1__mlp__router__layer__weight=GONE),
        ("has no tensor encoder.layers.1.mlp.router.layer.weight, which nomic_bert_moe needs",),
    ),
    "experts that are gone": (
        "nomic_moe",
        weights(encoder__layers__3__mlp__experts__mlp__w2=GONE),
        ("has no tensor encoder.layers.3.mlp.experts.mlp.w2, which nomic_bert_moe needs",),
    ),
    "another kind of norm": ("gte", config(layer_norm_type="rms_norm"), ("layer_norm_type = rms_norm is",)),
    "learned positions": (
        "gte",
        config(position_embedding_type="absolute"),
        ("position_embedding_type = absolute is not supported",),
    ),
    "scores scaled by length": (
        "gte",
        config(logn_attention_scale=True),
        ("logn_attention_scale = True is not supported",),
    ),
    "projections apart": ("gte", config(pack_qkv=False), ("pack_qkv = False is not supported",)),
    "a stretch of another kind": (
        "gte",
        config(rope_scaling={"type": "dynamic", "factor": 2}),
        ("rope_scaling = ", "is not supported"),
    ),
    "a mixed stretch": (
        "gte",
        config(rope_scaling={"type": "ntk", "factor": 2, "mixed_b": 0.5}),
        ("mixed_b = 0.5 is not supported",),
    ),
    "a stretch that shrinks": (
        "gte",
        config(rope_scaling={"type": "ntk", "factor": 0.5}),
        ("factor must be at least 1",),
    ),
    "a stretch of no size": ("gte", config(rope_scaling={"type": "ntk"}), ("factor is missing",)),
    "heads of odd sizes": ("gte", config(num_attention_heads=32), ("num_attention_heads must be such that",)),
    "fused rows of another size": (
        "gte_rerank",
        weights(new__encoder__layer__0__mlp__up_gate_proj__weight=np.zeros((90, 32), np.float16)),
        ("layers.0.up.weight has shape [45, 32]",),
    ),
    "more buckets": (
        "mpnet",
        config(relative_attention_num_buckets=64),
        ("relative_attention_num_buckets = 64 is not supported",),
    ),
    "too few positions for MPNet": (
        "mpnet",
        config(max_position_embeddings=2),
        ("max_position_embeddings must be more than 2, not '2'",),
    ),
    "no biases": (
        "mpnet",
        weights(encoder__relative_attention_bias__weight=GONE),
        ("has no tensor encoder.relative_attention_bias.weight, which mpnet needs",),
    ),
    "biases of other heads": (
        "mpnet_classify",
        weights(mpnet__encoder__relative_attention_bias__weight=np.zeros((32, 5), np.float32)),
        ("relative.weight has shape [32, 5]", "[32, 4]"),
    ),
    "no gate": (
        "jina",
        config(feed_forward_type="original"),
        ("feed_forward_type must be one of geglu, reglu, not 'original'",),
    ),
    "a gate of no kind": ("jina", config(feed_forward_type=GONE), ("feed_forward_type is missing",)),
    "JinaBERT with learned positions": (
        "jina",
        config(position_embedding_type="absolute"),
        ("position_embedding_type = absolute is not supported",),
    ),
    "JinaBERT that decodes": ("jina", config(is_decoder=True), ("is_decoder = True is not supported",)),
    "JinaBERT with heads that do not divide": (
        "jina",
        config(num_attention_heads=5),
        ("num_attention_heads must be a divisor of hidden_size 32",),
    ),
    "the code model's weights under the text models' name": (
        "jina_code",
        config(_name_or_path=GONE, auto_map=GONE),
        ("has no tensor encoder.layer.0.mlp.layernorm.weight, which jina_bert needs",),
    ),
    "no norm of the queries": (
        "jina_code",
        weights(encoder__layer__1__attention__self__layer_norm_q__weight=GONE),
        ("has no tensor encoder.layer.1.attention.self.layer_norm_q.weight, which jina_bert_code needs",),
    ),
}


@pytest.mark.parametrize("damage", CASES)
def test_it_is_said(checkpoint: Checkpoints, tmp_path: Path, damage: str) -> None:
    family, apply, words = CASES[damage]
    path = checkpoint.copy(family, tmp_path / "copy")
    apply(path)
    check(path, *words)
