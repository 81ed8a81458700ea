"""Norms over the last axis, and the activations of every element."""

from dataclasses import dataclass
from typing import Literal

# log1p_relu is log(1 + max(0, x)), SPLADE's (Formal et al. 2021, arXiv 2109.10086)
Activation = Literal["identity", "gelu", "gelu_tanh", "relu", "silu", "tanh", "log1p_relu"]


@dataclass(frozen=True, slots=True)
class LayerNorm:
    """Subtract the mean, divide by the deviation, scale, and shift where there is a bias."""

    eps: float
    bias: bool = True


@dataclass(frozen=True, slots=True)
class RMSNorm:
    """Divide by the root mean square and scale (Zhang and Sennrich 2019, arXiv 1910.07467).

    `unit_offset`: the scale is 1 + weight, as Gemma stores it.
    """

    eps: float
    unit_offset: bool = False


Norm = LayerNorm | RMSNorm
