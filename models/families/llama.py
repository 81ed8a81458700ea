"""Llama (Touvron et al. 2023, arXiv 2302.13971): a decoder; as `llama_bidirec` every token sees all."""

from vectord.core import Arch, Full, Mask

from ..config import Config
from .decoder import NAMES, PREFIXES, decoder, direction, grouped, last_token, layer_count
from .family import Family


def causal(config: Config) -> Arch:
    """Read a Llama config.json."""
    return network(config, direction(config))


def bidirectional(config: Config) -> Arch:
    """Read the config.json of the variant without a mask."""
    return network(config, Full())


def network(config: Config, mask: Mask) -> Arch:
    """Read what both have in common."""
    bias = config.switch("attention_bias", False)
    attention = grouped(config, theta=10_000.0, bias=bias, out_bias=bias)
    return decoder(config, attention, [mask] * layer_count(config), config.switch("mlp_bias", False))


FAMILY = Family(
    name="llama",
    model_type="llama",
    arch=causal,
    classifier=last_token,
    prefixes=PREFIXES,
    names=NAMES,
    examples=("Skywork/Skywork-Reward-V2-Llama-3.2-1B",),
)
BIDIRECTIONAL = Family(
    name="llama_bidirec",
    model_type="llama_bidirec",
    arch=bidirectional,
    prefixes=PREFIXES,
    names=NAMES,
    examples=("nvidia/llama-nemotron-embed-1b-v2",),
)
