"""Rotary settings as config.json writes them: transformers 4's flat keys or 5's `rope_parameters`."""

from collections.abc import Callable

from vectord.core import Linear, Llama3, Rotary, Stretch

from ..config import Config


def rotary(config: Config, flat_key: str, default: float, kind: str | None = None) -> Rotary:
    """Return the rotary positions of all layers, or of the layers of one `kind` (full_attention …)."""
    section = config.section("rope_parameters")
    if kind is not None and section.has(kind):
        section = section.section(kind)
    section.refuse("rope_type", "default", *STRETCHES)
    scaling = section if section.has("rope_type") else config.section("rope_scaling")
    read = STRETCHES.get(str(scaling.values.get("rope_type")))
    if read is None:
        config.refuse("rope_scaling")
    theta = section.number("rope_theta") if section.has("rope_theta") else config.number(flat_key, default)
    return Rotary(theta, read(scaling) if read is not None else None)


def llama3(section: Config) -> Llama3:
    """Read how Llama 3.1 slows its rotation."""
    low, high = section.number("low_freq_factor"), section.number("high_freq_factor")
    if high <= low:
        raise section.wrong("high_freq_factor", f"more than low_freq_factor {low}", high)
    return Llama3(section.number("factor"), low, high, section.size("original_max_position_embeddings"))


def linear(section: Config) -> Linear:
    """Read by how much every pair turns slower."""
    return Linear(section.number("factor"))


STRETCHES: dict[str, Callable[[Config], Stretch]] = {"linear": linear, "llama3": llama3}
