"""What a plugin can add to vectord. A hook is added here only with a plugin that uses it."""

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from vectord.core import Backend

PROJECT = "vectord"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def register_backends() -> "list[Backend]":
    """Return the backends that this plugin offers.

    Called once at start. It must not import a heavy library: `Backend.load` is the place for that.
    A backend of the same name as one registered before takes its place.
    """
