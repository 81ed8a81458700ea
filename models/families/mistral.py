"""Mistral (Jiang et al. 2023, arXiv 2310.06825): a decoder that may see a window behind each token only."""

from vectord.core import Arch, Causal, Mask, Window

from ..config import Config
from .decoder import NAMES, PREFIXES, decoder, grouped, last_token
from .family import Family


def arch(config: Config) -> Arch:
    """Read a Mistral config.json."""
    config.refuse("is_causal", True)
    return decoder(config, grouped(config, mask(config), theta=10_000.0))


def mask(config: Config) -> Mask:
    """Read how far a token sees: `sliding_window` tokens, itself among them."""
    if not config.has("sliding_window"):
        return Causal()
    seen = config.size("sliding_window")
    whole = seen >= config.size("max_position_embeddings", 32768)
    return Causal() if whole else Window(before=seen - 1, after=0)


FAMILY = Family(
    name="mistral",
    model_type="mistral",
    arch=arch,
    classifier=last_token,
    prefixes=PREFIXES,
    names=NAMES,
    examples=("intfloat/e5-mistral-7b-instruct", "Salesforce/SFR-Embedding-Mistral"),
)
