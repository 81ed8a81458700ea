"""Finding plugins and asking them; a bad plugin is named and left out, or stops the start."""

import logging
from collections.abc import Iterable
from importlib.metadata import EntryPoint, entry_points

import pluggy

from vectord.core import Backend
from vectord.errors import PluginError

from . import hookspecs

GROUP = "vectord.plugins"
log = logging.getLogger("vectord.plugins")


def load_plugins(*, strict: bool = False, found: Iterable[EntryPoint] | None = None) -> pluggy.PluginManager:
    """Register every installed plugin.

    One that fails to import or offers an unknown hook is logged and left out; with `strict` it raises
    `PluginError`.
    """
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    for entry in entry_points(group=GROUP) if found is None else found:
        try:
            register(manager, entry)
        except PluginError as error:
            if strict:
                raise
            log.error("%s; serving without it", error)
    return manager


def register(manager: pluggy.PluginManager, entry: EntryPoint) -> None:
    """Import one plugin and check its hooks. Raises `PluginError` that names it."""
    label = f"{entry.name!r} ({entry.value})"
    try:
        add(manager, entry.load(), label)
    except (Exception, SystemExit) as error:  # a plugin's import may fail in any way
        raise PluginError(f"plugin {label} failed to load: {reason(error)}") from error


def add(manager: pluggy.PluginManager, plugin: object, label: str) -> None:
    """Add a plugin, but not one with a hook that does not exist."""
    try:
        manager.register(plugin, name=label)
        manager.check_pending()
    except pluggy.PluginValidationError:
        manager.unregister(plugin)
        raise


def reason(error: BaseException) -> str:
    """Return in one line what went wrong; pluggy's lines end with the plugin's path."""
    lines = str(error).strip().splitlines() or [""]
    return lines[0].partition(" in plugin <")[0] or type(error).__name__


def backends(manager: pluggy.PluginManager, *, strict: bool = False) -> dict[str, Backend]:
    """Return every plugin's backends by name; of two with one name the later registered stays.

    Built-in ones come first, so that a third party may take their place.
    """
    found: dict[str, Backend] = {}
    implementations = manager.hook.register_backends.get_hookimpls()
    for implementation in sorted(implementations, key=lambda one: not builtin(one.plugin)):
        try:
            found.update({backend.name: backend for backend in offered(implementation)})
        except Exception as error:  # a plugin's own code
            failure = PluginError(
                f"plugin {implementation.plugin_name} failed to register backends: {reason(error)}"
            )
            if strict:
                raise failure from error
            log.error("%s; serving without it", failure)
    return found


def offered(implementation: pluggy.HookImpl) -> list[Backend]:
    """Return what one plugin's hook returns."""
    return implementation.function()  # type: ignore[return-value]  # pluggy does not type its hooks


def builtin(plugin: object) -> bool:
    """Whether a plugin is vectord's own."""
    return getattr(plugin, "__name__", "").startswith("vectord.")
