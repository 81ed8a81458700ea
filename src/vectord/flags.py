"""Command-line flags, made from the settings' own declarations."""

import argparse
from collections.abc import Callable, Iterable
from dataclasses import Field
from typing import Any, NoReturn

from .config import choices_of, declared, default_of, flag, kinds_of, parse, variable, words_of

GROUPS = {"model": "models and hardware", "limits": "limits", "server": "server"}


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Leaves room for long flags."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=34, width=100)


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong, where argparse would print the whole usage first."""

    def error(self, message: str) -> NoReturn:
        """End with status 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def add_settings(parser: argparse.ArgumentParser, groups: Iterable[str] = GROUPS) -> None:
    """Add a flag for every setting of these groups."""
    sections = {name: parser.add_argument_group(GROUPS[name]) for name in groups}
    for item in declared():
        if item.metadata["group"] in sections and item.name != "models":
            add_flag(sections[item.metadata["group"]], item)


def add_flag(section: argparse._ActionsContainer, item: Field[Any]) -> None:
    """Add one flag; an absent one leaves the variable or the default in force."""
    kwargs: dict[str, Any] = {"dest": item.name, "default": argparse.SUPPRESS, "help": help_text(item)}
    if item.type is bool:
        kwargs["action"] = argparse.BooleanOptionalAction if default_of(item) else "store_true"
    else:
        kwargs["type"] = reader(item)
        kwargs["metavar"] = "|".join(choices_of(item) or ()) or metavar(item)
    section.add_argument(flag(item.name), **kwargs)


def reader(item: Field[Any]) -> Callable[[str], Any]:
    """Return a function that turns a flag's text into its value. It raises `SettingError`."""
    return lambda text: parse(item, text, flag(item.name))


def metavar(item: Field[Any]) -> str:
    """Return the placeholder in the help."""
    kind, *_ = kinds_of(item)
    number = {int: "N", float: "SECONDS"}.get(kind)
    return "|".join((number, *words_of(item))) if number else item.name.rsplit("_", 1)[-1].upper()


def help_text(item: Field[Any]) -> str:
    """Return a setting's help with its default and its variable."""
    default = default_of(item)
    shown = "" if default in (None, (), False) or item.metadata["secret"] else f" Default: {show(default)}."
    return f"{item.metadata['help']}{shown} [{variable(item.name)}]".replace("%", "%%")


def show(value: Any) -> str:
    """Return a default as a user would write it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that the command line states."""
    names = {item.name for item in declared()}
    stated = {name: value for name, value in vars(arguments).items() if name in names}
    return {**stated, "models": tuple(stated["models"])}
