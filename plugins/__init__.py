"""Plugins: what they may add (`hookspecs`) and how they are found (`manager`)."""

from .hookspecs import hookimpl
from .manager import backends, load_plugins

__all__ = ["backends", "hookimpl", "load_plugins"]
