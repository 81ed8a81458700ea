"""Mistral (Jiang et al. 2023, arXiv 2310.06825): a decoder that may see a window behind each token only."""

from vectord.core import Arch, Causal

from ..config import Config
from .decoder import NAMES, PREFIXES, behind, decoder, grouped, last_token, layer_count
from .family import Family


def arch(config: Config) -> Arch:
    """Read a Mistral config.json."""
    config.refuse("is_causal", True)
    windowed = config.has("sliding_window")
    mask = behind(config.size("sliding_window"), config) if windowed else Causal()
    return decoder(config, grouped(config, theta=10_000.0), [mask] * layer_count(config))


FAMILY = Family(
    name="mistral",
    model_type="mistral",
    arch=arch,
    classifier=last_token,
    prefixes=PREFIXES,
    names=NAMES,
    examples=("intfloat/e5-mistral-7b-instruct", "Salesforce/SFR-Embedding-Mistral"),
)
