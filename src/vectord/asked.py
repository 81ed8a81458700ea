"""Which models a process was told to serve, each once, with its names and the settings that hold for it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from .config import ModelTable, Settings
from .errors import SettingError
from .models.resolve import DEFAULT_MODEL, Reference, served_name


@dataclass(frozen=True, slots=True)
class Asked:
    """A model to load; `prompts` are added to the checkpoint's own."""

    reference: Reference
    settings: Settings
    aliases: tuple[str, ...] = ()
    prompts: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """All names that requests may use."""
        return (self.reference.name, *self.aliases)


def asked_models(settings: Settings) -> list[Asked]:
    """Return the models of the command line, then those of the file. Raises `SettingError`."""
    found = every_model(settings)
    taken = [name for one in found for name in one.names]
    twice = {name for name in taken if taken.count(name) > 1}
    if twice:
        raise SettingError(
            f"two models are named {twice.pop()!r}: give each a name with NAME=DIR_OR_ID, or name in the file"
        )
    return found


def every_model(settings: Settings) -> list[Asked]:
    """Return the models of the command line, then those of the file, whatever they are called."""
    return [*from_words(settings), *(from_table(table, settings) for table in settings.model_tables)]


def from_words(settings: Settings) -> Iterator[Asked]:
    """Yield each distinct model once, under its first name, with its other names as aliases."""
    words = settings.models or (() if settings.model_tables else (DEFAULT_MODEL,))
    same: dict[tuple[str, str | None], list[Reference]] = {}
    for text in words:
        reference = Reference.parse(text)
        same.setdefault((reference.target, reference.revision), []).append(reference)
    for first, *others in same.values():
        yield Asked(first, settings, tuple(one.name for one in others))


def from_table(table: ModelTable, settings: Settings) -> Asked:
    """Return the model of a table; what it states goes before what holds for all."""
    reference = Reference.of(table.path, table.name or served_name(table.path), table.revision)
    return Asked(reference, replace(settings, **table.settings), prompts=table.prompts)
