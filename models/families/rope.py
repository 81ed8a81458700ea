"""Rotary settings as config.json writes them: transformers 4's flat keys or 5's `rope_parameters`."""

from vectord.core import Llama3, Rotary

from ..config import Config


def rotary(config: Config, flat_key: str, default: float, kind: str | None = None) -> Rotary:
    """Return the rotary positions of all layers, or of the layers of one `kind` (full_attention …)."""
    section = config.section("rope_parameters")
    if kind is not None and section.has(kind):
        section = section.section(kind)
    section.refuse("rope_type", "default", "llama3")
    scaling = section if section.has("rope_type") else config.section("rope_scaling")
    stretch = llama3(scaling) if scaling.values.get("rope_type") == "llama3" else None
    if stretch is None:
        config.refuse("rope_scaling")
    theta = section.number("rope_theta") if section.has("rope_theta") else config.number(flat_key, default)
    return Rotary(theta, stretch)


def llama3(section: Config) -> Llama3:
    """Read how Llama 3.1 slows its rotation."""
    low, high = section.number("low_freq_factor"), section.number("high_freq_factor")
    if high <= low:
        raise section.wrong("high_freq_factor", f"more than low_freq_factor {low}", high)
    return Llama3(section.number("factor"), low, high, section.size("original_max_position_embeddings"))
