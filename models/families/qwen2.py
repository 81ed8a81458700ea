"""Qwen2 (Yang et al. 2024, arXiv 2407.10671): a decoder whose queries, keys and values have biases."""

from vectord.core import Arch

from ..config import Config
from .decoder import NAMES, PREFIXES, alternating, decoder, direction, grouped, last_token
from .family import Family


def arch(config: Config) -> Arch:
    """Read a Qwen2 config.json."""
    attention = grouped(config, theta=10_000.0, bias=True)
    return decoder(config, attention, alternating(config, direction(config)))


FAMILY = Family(
    name="qwen2",
    model_type="qwen2",
    arch=arch,
    classifier=last_token,
    prefixes=PREFIXES,
    names=NAMES,
    examples=("Alibaba-NLP/gte-Qwen2-1.5B-instruct",),
)
