"""NomicBERT of plain MLPs, every second one a mixture of experts (Nussbaum et al. 2025, arXiv 2502.07972)."""

from dataclasses import replace

from vectord.core import Arch, Experts, Plain

from ..config import Config
from .family import Bare, Family
from .nomic import FAMILY as GATED
from .nomic import encoder, size_of


def arch(config: Config) -> Arch:
    """Read the config.json; of every n layers the second has experts."""
    made = encoder(
        config, Plain(size_of(config, "intermediate_size"), "gelu", config.switch("mlp_fc1_bias", True))
    )
    every = config.size("moe_every_n_layers", 0, least=-1)
    if every <= 0:
        return made
    mixed = replace(made.layers[0], mlp=experts(config))
    return replace(
        made,
        layers=tuple(mixed if index % every == 1 else layer for index, layer in enumerate(made.layers)),
    )


def experts(config: Config) -> Experts:
    """Read the mixture; refuse what the published code could do and the model does not."""
    config.refuse("expert_choice_router", False)
    config.refuse("moe_normalize_expert_weights", False)
    config.refuse("num_shared_experts", 0)
    config.refuse("ffn_div", 1)
    count, top = config.size("num_experts"), config.size("moe_top_k")
    if top > count:
        raise config.wrong("moe_top_k", f"at most num_experts {count}", top)
    return Experts(size_of(config, "intermediate_size"), "gelu", count, top)


def claims(config: Config) -> bool:
    """Whether the MLPs have no gates."""
    return config.values.get("activation_function") == "gelu"


FAMILY = Family(
    name="nomic_bert_moe",
    model_type="nomic_bert",
    arch=arch,
    names={
        **GATED.names,
        "layers.{i}.up": "encoder.layers.{i}.mlp.fc1",
        "layers.{i}.router": "encoder.layers.{i}.mlp.router.layer",
        "layers.{i}.experts_up": Bare("encoder.layers.{i}.mlp.experts.mlp.w1"),
        "layers.{i}.experts_down": Bare("encoder.layers.{i}.mlp.experts.mlp.w2"),
        "layers.{i}.experts": "encoder.layers.{i}.mlp.experts",
    },
    examples=("nomic-ai/nomic-embed-text-v2-moe",),
    claims=claims,
)
