"""Tiny random checkpoints, in the layout of published ones, and the right answers for them."""

from .build import FAMILIES, build
from .recipe import Shape, Style
from .texts import PAIRS, TEXTS

__all__ = ["FAMILIES", "PAIRS", "TEXTS", "Shape", "Style", "build"]
