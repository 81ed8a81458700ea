"""The declared families, one file each."""

from . import bert, modernbert, qwen3
from .family import Family, Rows

FAMILIES: dict[str, Family] = {
    family.model_type: family for family in (bert.FAMILY, modernbert.FAMILY, qwen3.FAMILY)
}

__all__ = ["FAMILIES", "Family", "Rows"]
