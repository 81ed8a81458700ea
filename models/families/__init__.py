"""The declared families, one file each."""

from . import bert, distilbert, llama, mistral, modernbert, nomic, qwen2, qwen3, roberta
from .family import Family, Rows

DECLARED = (
    bert.FAMILY,
    distilbert.FAMILY,
    llama.FAMILY,
    llama.BIDIRECTIONAL,
    mistral.FAMILY,
    modernbert.FAMILY,
    nomic.FAMILY,
    qwen2.FAMILY,
    qwen3.FAMILY,
    roberta.CAMEMBERT,
    roberta.ROBERTA,
    roberta.XLM_ROBERTA,
)
FAMILIES: dict[str, Family] = {family.model_type: family for family in DECLARED}

__all__ = ["DECLARED", "FAMILIES", "Family", "Rows"]
