"""Rotary settings as config.json writes them: transformers 4's flat keys or 5's `rope_parameters`."""

from collections.abc import Callable

from vectord.core import Linear, Llama3, Rotary, Stretch

from ..config import Config


def rotary(
    config: Config, flat_key: str, default: float, kind: str | None = None, *, stretched: bool = True
) -> Rotary:
    """Return the rotary positions of all layers, or of the layers of one `kind` (full_attention …).

    `stretched`: the flat `rope_scaling` is for these layers too.
    """
    section = config.section("rope_parameters")
    if kind is not None and section.has(kind):
        section = section.section(kind)
    theta = section.number("rope_theta") if section.has("rope_theta") else config.number(flat_key, default)
    if section.has("rope_type"):
        section.refuse("rope_type", "default", *STRETCHES)
        return Rotary(theta, stretch_of(section))
    stretch = stretch_of(config.section("rope_scaling")) if stretched else None
    if stretched and stretch is None:
        config.refuse("rope_scaling")
    return Rotary(theta, stretch)


def stretch_of(section: Config) -> Stretch | None:
    """Read how the rotation is slowed; None where it is not, or in a way that is not known."""
    kind = section.values.get("rope_type", section.values.get("type"))
    return STRETCHES[kind](section) if isinstance(kind, str) and kind in STRETCHES else None


def llama3(section: Config) -> Llama3:
    """Read how Llama 3.1 slows its rotation."""
    low, high = section.number("low_freq_factor"), section.number("high_freq_factor")
    if high <= low:
        raise section.wrong("high_freq_factor", f"more than low_freq_factor {low}", high)
    return Llama3(section.number("factor"), low, high, section.size("original_max_position_embeddings"))


def linear(section: Config) -> Linear:
    """Read how every pair is slowed alike."""
    return Linear(section.number("factor"))


STRETCHES: dict[str, Callable[[Config], Stretch]] = {"llama3": llama3, "linear": linear}
