"""Settings from a TOML file: the same names as the flags, and a [[model]] table for each model."""

import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import Field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_origin

from .config import ModelTable, Settings, choices_of, declared, kinds_of, stated, words_of
from .errors import SettingError

MODEL = "model"
OWN_KEYS = ("path", "name", "revision", "prompts")
NOUNS: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


def load_settings(given: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of parsed flags, then variables, then the file, then defaults.

    Raises `SettingError`.
    """
    values = stated(given, environ)
    if values.get("config") is None:
        return Settings(**values)
    written = read_file(values["config"])
    if "models" in values:  # models of the command line come in place of the file's
        written.pop("model_tables")
    return Settings(**{**written, **values})


def read_file(file: Path) -> dict[str, Any]:
    """Return the settings that a file states, by name. Raises `SettingError` with one line."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingError(f"--config {file}: {' '.join(str(error).split())}") from None
    known = {item.name: item for item in declared()}
    known.pop("config")
    tables = content.pop(MODEL, [])
    check_keys(content, known, str(file))
    values = {name: value_of(known[name], value, f"{file}: {name}") for name, value in content.items()}
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise SettingError(f"{file}: write each model as a [[model]] table")
    allowed = {name: item for name, item in known.items() if item.metadata["per_model"]}
    values["model_tables"] = tuple(table_of(table, allowed, file) for table in tables)
    return values


def table_of(table: Mapping[str, Any], allowed: Mapping[str, Field[Any]], file: Path) -> ModelTable:
    """Return one model's table; a directory may be given relative to the file."""
    where = f"{file}: [[model]] {table.get('name', table.get('path', ''))}".rstrip()
    check_keys(table, [*OWN_KEYS, *allowed], where)
    if not table.get("path"):
        raise SettingError(f"{where} needs a path: a directory or a hub id")
    path = text_of(table, "path", where)
    beside = file.parent / path
    prompts = table.get("prompts", {})
    if not isinstance(prompts, dict) or not all(isinstance(text, str) for text in prompts.values()):
        raise SettingError(f"{where}: prompts must be texts by name")
    return ModelTable(
        path=str(beside) if beside.is_dir() else path,
        name=text_of(table, "name", where) if "name" in table else None,
        revision=text_of(table, "revision", where) if "revision" in table else None,
        prompts=prompts,
        settings={
            name: value_of(item, table[name], f"{where}: {name}")
            for name, item in allowed.items()
            if name in table
        },
    )


def check_keys(given: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise `SettingError` for a key that is no setting, with the one that was probably meant."""
    names = list(known)
    for key in given:
        if key not in names:
            near = get_close_matches(key.replace("-", "_"), names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"
            raise SettingError(f"{where}: there is no setting {key!r} here; {hint}")


def text_of(table: Mapping[str, Any], key: str, where: str) -> str:
    """Return a text of a table."""
    value = table[key]
    if not isinstance(value, str) or not value:
        raise SettingError(f"{where}: {key} must be a text, not {value!r}")
    return value


def value_of(item: Field[Any], value: Any, where: str) -> Any:
    """Return a TOML value in the setting's type. Raises `SettingError`."""
    choices = choices_of(item)
    if choices is not None:
        if value not in choices:
            raise SettingError(f"{where} must be one of {', '.join(choices)}, not {value!r}")
        return value
    if get_origin(item.type) is tuple:
        values = [value] if isinstance(value, str) else value
        if not isinstance(values, list) or not all(isinstance(one, str) for one in values):
            raise SettingError(f"{where} must be a list of texts, not {value!r}")
        return tuple(values)
    kind, words = kinds_of(item)[0], words_of(item)
    if value in words:
        return value
    wanted = {float: (int, float), Path: (str,)}.get(kind, (kind,))
    if type(value) not in wanted:
        noun = " or ".join((NOUNS[str if kind is Path else kind], *words))
        raise SettingError(f"{where} must be {noun}, not {value!r}")
    return kind(value)
