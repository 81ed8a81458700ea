"""Rotary settings as config.json writes them: transformers 4's flat keys or 5's `rope_parameters`."""

from vectord.core import Rotary

from ..config import Config


def rotary(config: Config, flat_key: str, default: float, kind: str | None = None) -> Rotary:
    """Return the rotary positions of all layers, or of the layers of one `kind` (full_attention …)."""
    section = config.section("rope_parameters")
    if kind is not None and section.has(kind):
        section = section.section(kind)
    section.refuse("rope_type", "default")
    config.refuse("rope_scaling")
    if section.has("rope_theta"):
        return Rotary(section.number("rope_theta"))
    return Rotary(config.number(flat_key, default))
