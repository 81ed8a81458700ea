"""The declared families, one file each."""

from . import (
    bert,
    deberta,
    distilbert,
    gemma,
    gemma2,
    gemma3,
    gte,
    jina_bert,
    jina_v3,
    llama,
    mistral,
    modernbert,
    mpnet,
    nomic,
    nomic_moe,
    qwen2,
    qwen3,
    roberta,
)
from .family import Bare, Family, Rows, Stored

DECLARED = (
    bert.FAMILY,
    deberta.FAMILY,
    distilbert.FAMILY,
    gemma.FAMILY,
    gemma2.FAMILY,
    gemma3.FAMILY,
    gte.GTE,
    gte.NEW,
    jina_bert.CODE,
    jina_bert.FAMILY,
    jina_v3.NATIVE,
    jina_v3.PUBLISHED,
    llama.FAMILY,
    llama.BIDIRECTIONAL,
    mistral.FAMILY,
    modernbert.FAMILY,
    mpnet.FAMILY,
    nomic.FAMILY,
    nomic_moe.FAMILY,
    qwen2.FAMILY,
    qwen3.FAMILY,
    roberta.CAMEMBERT,
    roberta.ROBERTA,
    roberta.XLM_ROBERTA,
)
# by the model_type of config.json: those that claim some configs of it, then the one that takes the others
FAMILIES: dict[str, list[Family]] = {}
for declared in sorted(DECLARED, key=lambda one: one.claims is None):
    FAMILIES.setdefault(declared.model_type, []).append(declared)

__all__ = ["DECLARED", "FAMILIES", "Bare", "Family", "Rows", "Stored"]
